#include "access/development_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/json_object_writer.h"
#include "jwt/key.h"
#include "jwt/sign.h"

namespace message_service::access {

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 10;

base::Error wrong(const std::filesystem::path& file, std::string_view text) {
  return {base::ErrorCode::invalid, file.string() + " " + std::string(text)};
}

}  // namespace

base::Result<void> DevelopmentKey::create(const std::filesystem::path& file, std::string_view algorithm) {
  const auto known = jwt::parse_algorithm(algorithm);
  if (!known)
    return base::Error{base::ErrorCode::invalid, "the algorithm must be one of HS256, RS256, ES256 and EdDSA"};
  const auto pair = jwt::generate(*known);
  if (!pair) return pair.error();
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const base::ErrorCode code = errno == EEXIST ? base::ErrorCode::conflict : base::ErrorCode::unavailable;
    return base::Error{code, "cannot write " + file.string() + ": " + std::generic_category().message(errno)};
  }
  const std::string text = pair->private_jwk + "\n";
  const bool written = write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(descriptor);
  if (!written) return base::Error{base::ErrorCode::unavailable, "cannot write " + file.string()};
  return {};
}

base::Result<DevelopmentKey> DevelopmentKey::load(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return wrong(file, "cannot be read: " + std::generic_category().message(errno));
  std::string text(kFileBytesMax, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (!jwt::sign("{}", text)) return wrong(file, "holds no private JSON Web Key; `keys create` makes one");
  return DevelopmentKey(std::move(text));
}

base::Result<std::string> DevelopmentKey::issue(const TokenRequest& request, const std::string& sender_type_claim,
                                                base::Timestamp now) const {
  std::string claims;
  base::JsonObjectWriter writer(claims);
  writer.string("iss", request.issuer).string("aud", request.audience).string("sub", request.subject);
  if (!request.sender_type.empty()) writer.string(sender_type_claim, request.sender_type);
  if (!request.scope.empty()) writer.string("scope", request.scope);
  const base::Timestamp seconds = now / 1000;
  writer.number("iat", static_cast<std::uint64_t>(seconds));
  writer.number("exp", static_cast<std::uint64_t>(seconds + request.lifetime.count())).close();
  return jwt::sign(claims, private_jwk_);
}

}  // namespace message_service::access
