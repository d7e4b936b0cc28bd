#include "otlp/wire.h"

namespace otlp {

std::optional<Reader::Field> Reader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::string_view before = rest_;
  const auto read = [this]() -> std::optional<Field> {
    const auto key = varint();
    if (!key || *key >> 3 == 0 || *key >> 32 != 0) return std::nullopt;
    Field field{.number = static_cast<std::uint32_t>(*key >> 3)};
    std::optional<std::uint64_t> length;
    switch (*key & 7) {
      case 0: {
        const auto value = varint();
        if (!value) return std::nullopt;
        field.value = *value;
        return field;
      }
      case 1:
        length = 8;
        break;
      case 2:
        length = varint();
        break;
      case 5:
        length = 4;
        break;
      default:
        break;
    }
    const auto bytes = length ? take(*length) : std::nullopt;
    if (!bytes) return std::nullopt;
    field.bytes = *bytes;
    return field;
  };
  auto field = read();
  if (!field) rest_ = before;
  return field;
}

std::optional<std::uint64_t> Reader::varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(rest_[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    rest_.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Reader::take(std::uint64_t count) {
  if (count > rest_.size()) return std::nullopt;
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

}  // namespace otlp
