// The bytes of every request of a run, made once. One system call sends a request as three pieces: the request line of
// its conversation, an Idempotency-Key line when asked for, and the rest, which all requests share. RequestSet is
// immutable and shared by all threads; KeyLine belongs to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace message_service::bench {

// The sender that the bench's conversations have as their participant.
inline constexpr std::string_view sender_id = "bench-sender";
inline constexpr std::string_view sender_type = "Teacher";

std::string conversation_id(std::uint32_t number);  // "bench-7"

// The body of POST /api/conversations for one conversation, with the sender and these people in it.
std::string conversation_body(std::uint32_t number, const std::vector<std::string>& others = {});

class RequestSet {
 public:
  struct Shape {
    std::string authority;
    std::string path;  // empty: the message route of each conversation
    std::uint32_t conversations = 1;
    std::uint32_t content_bytes = 0;
    std::string token{};  // empty: none
  };

  explicit RequestSet(const Shape& shape);

  std::uint32_t size() const { return static_cast<std::uint32_t>(lines_.size()); }
  std::string_view request_line(std::uint32_t number) const { return lines_[number]; }
  std::string_view rest() const { return rest_; }

 private:
  std::vector<std::string> lines_;
  std::string rest_;
};

// "Idempotency-Key: bench-<16 hex>-<12 hex>\r\n", another key each time.
class KeyLine {
 public:
  explicit KeyLine(bool used);

  // Valid until the next call; empty when keys are not used.
  std::string_view next();

 private:
  std::string line_;
  std::uint64_t count_ = 0;
};

}  // namespace message_service::bench
