#include "conformance/json_web_token.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/base64.h"
#include "signalr/protocol/json_value.h"

namespace message_service::conformance {

namespace {

constexpr std::string_view kNameIdentifier = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";
constexpr std::int64_t kClockSkewSeconds = 300;

std::string encoded(std::string_view text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return base::base64url(bytes);
}

std::optional<std::string> decoded(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0) text.push_back('=');
  const auto bytes = base::read_base64(text);
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

}  // namespace

std::string JsonWebTokens::issue(std::string_view subject, std::int64_t expires_at_seconds) const {
  using signalr::Value;
  const Value header(Value::Object{{"alg", "HS256"}, {"typ", "JWT"}});
  const Value payload(
      Value::Object{{std::string(kNameIdentifier), Value(subject)}, {"exp", Value(expires_at_seconds)}});
  const std::string signed_part = encoded(signalr::to_json(header)) + "." + encoded(signalr::to_json(payload));
  return signed_part + "." + signature_of(signed_part);
}

std::optional<std::string> JsonWebTokens::subject_of(std::string_view token, std::int64_t now_seconds) const {
  const std::size_t last_dot = token.rfind('.');
  const std::size_t first_dot = token.find('.');
  if (last_dot == std::string_view::npos || first_dot == last_dot) return std::nullopt;
  const std::string expected = signature_of(token.substr(0, last_dot));
  const std::string_view given = token.substr(last_dot + 1);
  if (given.size() != expected.size() || CRYPTO_memcmp(given.data(), expected.data(), given.size()) != 0) {
    return std::nullopt;
  }
  const auto json = decoded(std::string(token.substr(first_dot + 1, last_dot - first_dot - 1)));
  const auto payload = json ? signalr::parse_json(*json) : base::Error{base::ErrorCode::invalid, {}};
  if (!payload) return std::nullopt;
  const auto* subject = payload->find(kNameIdentifier);
  const auto* expires_at = payload->find("exp");
  if (subject == nullptr || subject->if_string() == nullptr || expires_at == nullptr) return std::nullopt;
  if (expires_at->if_integer().value_or(0) + kClockSkewSeconds < now_seconds) return std::nullopt;
  return *subject->if_string();
}

std::string JsonWebTokens::signature_of(std::string_view signed_part) const {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const std::uint8_t*>(signed_part.data()), signed_part.size(), digest.data(), &size);
  return base::base64url(std::span(digest).first(size));
}

}  // namespace message_service::conformance
