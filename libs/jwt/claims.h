// What a token says of its bearer (RFC 7519, 4).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace jwt {

// Immutable, cheap to copy; copies share the texts, and a view lives as long as one of them. Any thread.
class Claims {
 public:
  // One JSON object. A registered claim of the wrong type is an error that names the claim.
  static base::Result<Claims> parse(std::string_view json);

  std::optional<std::string_view> issuer() const;          // iss
  std::optional<std::string_view> subject() const;         // sub
  std::optional<std::string_view> token_id() const;        // jti
  const std::vector<std::string_view>& audiences() const;  // aud: a text or a list of texts; empty: none
  std::optional<base::Timestamp> expires_at() const;       // exp
  std::optional<base::Timestamp> not_before() const;       // nbf
  std::optional<base::Timestamp> issued_at() const;        // iat

  // The claim of this name: nothing when the token has none, an error when it is not a text.
  base::Result<std::optional<std::string_view>> text(std::string_view name) const;

  // The claim of this name, which is a list of texts, or a text that blanks divide, as `scope` is (RFC 8693, 4.2).
  // Empty when the token has none.
  base::Result<std::vector<std::string_view>> texts(std::string_view name) const;

 private:
  struct Data;
  explicit Claims(std::shared_ptr<const Data> data);

  std::shared_ptr<const Data> data_;
};

}  // namespace jwt
