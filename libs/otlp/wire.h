// The wire format of protobuf, as far as OTLP needs it. One owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace otlp {

class Writer {
 public:
  void varint(std::uint32_t field, std::uint64_t value) {
    key(field, 0);
    append_varint(out_, value);
  }
  void fixed64(std::uint32_t field, std::uint64_t value) {
    key(field, 1);
    fixed(value, 8);
  }
  void fixed32(std::uint32_t field, std::uint32_t value) {
    key(field, 5);
    fixed(value, 4);
  }
  // A text, or bytes.
  void bytes(std::uint32_t field, std::string_view value) {
    key(field, 2);
    append_varint(out_, value.size());
    out_.append(value);
  }
  // A message within, whose fields `write` writes.
  template <class Write>
  void message(std::uint32_t field, const Write& write) {
    key(field, 2);
    const std::size_t begin = out_.size();
    write();
    std::string length;
    append_varint(length, out_.size() - begin);
    out_.insert(begin, length);
  }

  std::string take() && { return std::move(out_); }

 private:
  static void append_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
  }
  void key(std::uint32_t field, std::uint32_t type) { append_varint(out_, field << 3 | type); }
  void fixed(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i, value >>= 8) out_.push_back(static_cast<char>(value));
  }

  std::string out_;
};

// Reads the fields of a message from bytes that a server sent.
class Reader {
 public:
  struct Field {
    std::uint32_t number;
    std::uint64_t value = 0;   // of a number
    std::string_view bytes{};  // of a text, bytes, or a message
  };

  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  // Nothing at the end, and where the bytes are no message.
  std::optional<Field> next();
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::string_view> take(std::uint64_t count);

  std::string_view rest_;
};

}  // namespace otlp
