// A key that issues tokens itself, for development and tests: commands and the chat page sign people in with it. An
// identity provider does this in earnest. A value; any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"

namespace message_service::access {

// The issuer and the audience of such tokens where the configuration names none.
inline constexpr std::string_view kDevelopmentIssuer = "message-service-development";
inline constexpr std::string_view kDevelopmentAudience = "message-service";

struct TokenRequest {
  std::string subject;
  std::string sender_type;              // empty: the token does not say
  std::string scope;                    // divided by blanks
  std::chrono::seconds lifetime{3600};  // may be negative, for a token that has expired
  std::string issuer{kDevelopmentIssuer};
  std::string audience{kDevelopmentAudience};
};

class DevelopmentKey {
 public:
  // Makes a key and writes it with mode 0600. `conflict`: the file exists.
  static base::Result<void> create(const std::filesystem::path& file, std::string_view algorithm);

  // Reads a private JWK. `invalid`: the file is no such key; the text names it.
  static base::Result<DevelopmentKey> load(const std::filesystem::path& file);

  base::Result<std::string> issue(const TokenRequest& request, const std::string& sender_type_claim,
                                  base::Timestamp now) const;

  const std::string& private_jwk() const { return private_jwk_; }

 private:
  explicit DevelopmentKey(std::string private_jwk) : private_jwk_(std::move(private_jwk)) {}

  std::string private_jwk_;
};

}  // namespace message_service::access
