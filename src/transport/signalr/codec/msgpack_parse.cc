#include <bit>

#include "base/utf8.h"
#include "transport/signalr/codec/msgpack_value.h"

namespace message_service::signalr {

namespace {

// Reads values from the front and remembers the first mistake; after one, everything it reads is null or empty. A
// container's count is believed only as far as its elements come, so memory stays in proportion to the bytes.
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
    if (!is_valid_utf8(text)) fail("A string is not UTF-8.");
    return text;
  }

  Value binary(std::uint64_t size) {
    const std::string_view bytes = take(size);
    return Value::Bytes(bytes.begin(), bytes.end());
  }

  Value extension(std::uint64_t size) {
    const std::int64_t type = signed_number(1);
    if (!failed() && (type != -1 || (size != 4 && size != 8 && size != 12))) {
      fail("Of MessagePack's extensions only the timestamp (-1, of 4, 8 or 12 bytes) is known.");
    }
    return failed() ? Value() : time(size);
  }

  Value time(std::uint64_t size) {
    Time time;
    if (size == 4) {
      time.seconds = static_cast<std::int64_t>(unsigned_number(4));
    } else if (size == 8) {
      const std::uint64_t both = unsigned_number(8);
      time.nanoseconds = static_cast<std::uint32_t>(both >> 34);
      time.seconds = static_cast<std::int64_t>(both & 0x3FFFFFFFF);
    } else {
      time.nanoseconds = static_cast<std::uint32_t>(unsigned_number(4));
      time.seconds = signed_number(8);
    }
    if (time.seconds < Time::kSecondsMin || time.seconds > Time::kSecondsMax || time.nanoseconds > 999'999'999) {
      fail("A timestamp is not within the years 1 to 9999.");
    }
    return time;
  }

  Value array(std::uint64_t count) {
    Value::Array items;
    if (!enter()) return {};
    for (; count > 0 && !failed(); --count) items.push_back(read());
    ++nesting_left_;
    return items;
  }

  Value map(std::uint64_t count) {
    Value::Object members;
    if (!enter()) return {};
    for (; count > 0 && !failed(); --count) {
      Value name = read();
      auto* text = name.get_if<std::string>();
      if (text == nullptr) {
        fail("A map's keys must be strings.");
        break;
      }
      members.push_back({std::move(*text), read()});
    }
    ++nesting_left_;
    return members;
  }

  bool enter() {
    if (nesting_left_ == 0) {
      fail("Values are nested too deep.");
      return false;
    }
    --nesting_left_;
    return true;
  }

  std::string_view bytes_;
  std::size_t nesting_left_;
  std::string error_;
};

}  // namespace

Result<Value> parse_msgpack(std::string_view bytes, std::size_t nesting_max) {
  MsgpackReader reader(bytes, nesting_max);
  Value value = reader.read();
  if (!reader.failed() && !reader.at_end()) reader.fail("Not MessagePack: there are bytes behind the value.");
  if (reader.failed()) return Error{ErrorCode::invalid, reader.error()};
  return value;
}

}  // namespace message_service::signalr
