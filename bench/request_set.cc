#include "bench/request_set.h"

#include <array>

#include "base/hex.h"
#include "base/random.h"

namespace message_service::bench {
namespace {

constexpr std::size_t counter_digits = 12;
constexpr std::string_view line_end = "\r\n";

}  // namespace

std::string conversation_id(std::uint32_t number) { return "bench-" + std::to_string(number); }

std::string conversation_body(std::uint32_t number, const std::vector<std::string>& others) {
  const auto participant = [](std::string_view id) {
    return R"({"id":")" + std::string(id) + R"(","type":")" + std::string(sender_type) + R"("})";
  };
  std::string participants = participant(sender_id);
  for (const std::string& id : others) participants += ',' + participant(id);
  return R"({"id":")" + conversation_id(number) + R"(","participants":[)" + participants + "]}";
}

RequestSet::RequestSet(const Shape& shape) {
  const std::uint32_t lines = shape.path.empty() ? shape.conversations : 1;
  lines_.reserve(lines);
  for (std::uint32_t number = 0; number < lines; ++number) {
    const std::string path =
        shape.path.empty() ? "/api/conversations/" + conversation_id(number) + "/messages" : shape.path;
    lines_.push_back("POST " + path + " HTTP/1.1\r\n");
  }
  const std::string body = R"({"senderId":")" + std::string(sender_id) + R"(","senderType":")" +
                           std::string(sender_type) + R"(","content":")" + std::string(shape.content_bytes, 'x') +
                           R"("})";
  const std::string authorization = shape.token.empty() ? "" : "\r\nAuthorization: Bearer " + shape.token;
  rest_ = "Host: " + shape.authority + authorization +
          "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

KeyLine::KeyLine(bool used) {
  if (!used) return;
  line_ = "Idempotency-Key: bench-";
  base::append_hex(line_, base::random_bytes<8>());
  line_ += '-' + std::string(counter_digits, '0') + std::string(line_end);
}

std::string_view KeyLine::next() {
  if (line_.empty()) return {};
  std::array<char, counter_digits> digits;
  std::uint64_t rest = count_++;
  for (std::size_t i = counter_digits; i-- > 0; rest >>= 4) digits[i] = base::kHexDigits[rest & 15];
  line_.replace(line_.size() - line_end.size() - counter_digits, counter_digits, digits.data(), counter_digits);
  return line_;
}

}  // namespace message_service::bench
