#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "signalr/protocol/msgpack_value.h"

namespace signalr {

namespace {

bool is_one_character(std::string_view text) {
  const bool one = text.size() == 1 ? (text[0] & 0x80) == 0 : (text[0] & 0xC0) == 0xC0 && (text[1] & 0xC0) == 0x80;
  return one && base::is_valid_utf8(text) &&
         std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }) == 1;
}

// A byte that belongs to no character becomes U+FFFD.
std::string replaced(std::string_view text) {
  std::string readable;
  while (!text.empty()) {
    std::size_t size = std::min<std::size_t>(4, text.size());
    while (size > 0 && !is_one_character(text.substr(0, size))) --size;
    readable.append(size == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(1, size));
  }
  return readable;
}

// Reads values from the front and remembers the first mistake in the encoding; after a mistake, everything it reads is
// null or empty. A value that is encoded correctly and still cannot be read becomes Unreadable; the reader remembers
// the first reason. It believes a container's count only as far as elements arrive, so memory stays in proportion to
// the bytes.
class MsgpackReader {
 public:
  MsgpackReader(std::string_view bytes, std::size_t nesting_max) : bytes_(bytes), nesting_left_(nesting_max) {}

  Value read() {
    const auto tag = static_cast<std::uint8_t>(unsigned_number(1));
    if (failed()) return {};
    if (tag < 0x80) return tag;
    if (tag < 0x90) return map(tag & 0x0F);
    if (tag < 0xA0) return array(tag & 0x0F);
    if (tag < 0xC0) return string(tag & 0x1F);
    if (tag >= 0xE0) return static_cast<std::int8_t>(tag);
    return read_tagged(tag);
  }

  bool at_end() const { return bytes_.empty(); }
  const std::string& unreadable() const { return unreadable_; }
  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }

  void fail(std::string_view text) {
    if (error_.empty()) error_ = text;
  }

 private:
  Value read_tagged(std::uint8_t tag) {
    switch (tag) {
      case 0xC0:
        return {};
      case 0xC2:
      case 0xC3:
        return tag == 0xC3;
      case 0xC4:
      case 0xC5:
      case 0xC6:
        return binary(unsigned_number(1 << (tag - 0xC4)));
      case 0xC7:
      case 0xC8:
      case 0xC9:
        return extension(unsigned_number(1 << (tag - 0xC7)));
      case 0xCA:
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(unsigned_number(4))));
      case 0xCB:
        return std::bit_cast<double>(unsigned_number(8));
      case 0xCC:
      case 0xCD:
      case 0xCE:
      case 0xCF:
        return unsigned_number(1 << (tag - 0xCC));
      case 0xD0:
      case 0xD1:
      case 0xD2:
      case 0xD3:
        return signed_number(1 << (tag - 0xD0));
      case 0xD4:
      case 0xD5:
      case 0xD6:
      case 0xD7:
      case 0xD8:
        return extension(std::uint64_t{1} << (tag - 0xD4));
      case 0xD9:
      case 0xDA:
      case 0xDB:
        return string(unsigned_number(1 << (tag - 0xD9)));
      case 0xDC:
      case 0xDD:
        return array(unsigned_number(2 << (tag - 0xDC)));
      case 0xDE:
      case 0xDF:
        return map(unsigned_number(2 << (tag - 0xDE)));
      default:  // 0xC1
        fail("Not MessagePack: byte 0xC1 is never used.");
        return {};
    }
  }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size()) {
      fail("Not MessagePack: the message ends within a value.");
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::uint64_t unsigned_number(int bytes) {
    std::uint64_t number = 0;
    for (const char byte : take(static_cast<std::uint64_t>(bytes))) {
      number = number << 8 | static_cast<std::uint8_t>(byte);
    }
    return number;
  }

  std::int64_t signed_number(int bytes) {
    const int unused_bits = 64 - 8 * bytes;
    return static_cast<std::int64_t>(unsigned_number(bytes) << unused_bits) >> unused_bits;
  }

  Value string(std::uint64_t size) {
    const std::string_view text = take(size);
    if (base::is_valid_utf8(text)) return text;
    return unreadable("is not UTF-8", replaced(text));
  }

  Value unreadable(std::string_view reason, std::string text = {}) {
    if (unreadable_.empty()) unreadable_ = reason;
    return Unreadable{std::string(reason), std::move(text)};
  }

  Value binary(std::uint64_t size) {
    const std::string_view bytes = take(size);
    return Value::Bytes(bytes.begin(), bytes.end());
  }

  Value extension(std::uint64_t size) {
    const std::int64_t type = signed_number(1);
    const std::string_view content = take(size);
    if (failed()) return {};
    if (type != -1 || (size != 4 && size != 8 && size != 12)) {
      return unreadable("is an extension of MessagePack other than the timestamp (-1, of 4, 8 or 12 bytes)");
    }
    return time(content);
  }

  Value time(std::string_view content) {
    MsgpackReader reader(content, 0);
    Time time;
    if (content.size() == 4) {
      time.seconds = static_cast<std::int64_t>(reader.unsigned_number(4));
    } else if (content.size() == 8) {
      const std::uint64_t both = reader.unsigned_number(8);
      time.nanoseconds = static_cast<std::uint32_t>(both >> 34);
      time.seconds = static_cast<std::int64_t>(both & 0x3FFFFFFFF);
    } else {
      time.nanoseconds = static_cast<std::uint32_t>(reader.unsigned_number(4));
      time.seconds = reader.signed_number(8);
    }
    if (time.seconds < Time::kSecondsMin || time.seconds > Time::kSecondsMax || time.nanoseconds > 999'999'999) {
      return unreadable("is a timestamp that is not within the years 1 to 9999");
    }
    return time;
  }

  Value array(std::uint64_t count) {
    if (nesting_left_ == 0) return skip(count);
    --nesting_left_;
    Value::Array items;
    for (; count > 0 && !failed(); --count) items.push_back(read());
    ++nesting_left_;
    return items;
  }

  Value map(std::uint64_t count) {
    if (nesting_left_ == 0) return skip(2 * count);
    --nesting_left_;
    Value::Object members;
    Value result;
    for (; count > 0 && !failed(); --count) {
      Value name = read();
      auto* text = name.get_if<std::string>();
      if (text == nullptr && !failed() && result.is_null()) result = unreadable("has a key that is no readable string");
      members.push_back({text != nullptr ? std::move(*text) : std::string(), read()});
    }
    ++nesting_left_;
    return result.is_null() ? Value(std::move(members)) : result;
  }

  // Skips `count` values, however deep they are nested.
  Value skip(std::uint64_t count) {
    for (; count > 0 && !failed(); --count) {
      const auto tag = static_cast<std::uint8_t>(unsigned_number(1));
      if (tag >= 0x80 && tag < 0x90) {
        count += 2 * static_cast<std::uint64_t>(tag & 0x0F);
      } else if (tag >= 0x90 && tag < 0xA0) {
        count += tag & 0x0F;
      } else if (tag == 0xDC || tag == 0xDD) {
        count += unsigned_number(2 << (tag - 0xDC));
      } else if (tag == 0xDE || tag == 0xDF) {
        count += 2 * unsigned_number(2 << (tag - 0xDE));
      } else if (tag >= 0xA0 && tag < 0xC0) {
        take(tag & 0x1F);
      } else if (tag > 0xC0 && tag < 0xE0) {
        read_tagged(tag);
      }
    }
    return unreadable("is nested too deep");
  }

  std::string_view bytes_;
  std::size_t nesting_left_;
  std::string error_;
  std::string unreadable_;
};

}  // namespace

base::Result<Value> parse_msgpack(std::string_view bytes, std::size_t nesting_max) {
  MsgpackReader reader(bytes, nesting_max);
  Value value = reader.read();
  if (!reader.failed() && !reader.at_end()) reader.fail("Not MessagePack: there are bytes behind the value.");
  if (!reader.unreadable().empty()) reader.fail("A value " + reader.unreadable() + ".");
  if (reader.failed()) return base::Error{base::ErrorCode::invalid, reader.error()};
  return value;
}

base::Result<Value> parse_msgpack_with_mistakes(std::string_view bytes, std::size_t nesting_max) {
  MsgpackReader reader(bytes, nesting_max);
  Value value = reader.read();
  if (reader.failed()) return base::Error{base::ErrorCode::invalid, reader.error()};
  return value;
}

}  // namespace signalr
