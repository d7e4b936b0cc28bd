// JSON Web Tokens signed with HS256 (RFC 7519), as far as the fixture needs them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace message_service::conformance {

class JsonWebTokens {
 public:
  explicit JsonWebTokens(std::string key) : key_(std::move(key)) {}

  std::string issue(std::string_view subject, std::int64_t expires_at_seconds) const;

  // Whose it is, when the signature is ours and it has not expired: a few minutes are allowed for clocks that differ.
  std::optional<std::string> subject_of(std::string_view token, std::int64_t now_seconds) const;

 private:
  std::string signature_of(std::string_view signed_part) const;

  const std::string key_;
};

}  // namespace message_service::conformance
