// Private to the library: keys as JSON objects (RFC 7517; the members of each type: RFC 7518, 6 and RFC 8037, 2).
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "jwt/algorithm.h"
#include "jwt/key_material.h"

namespace jwt {

// What a JWK says beside the key itself.
struct JwkLabels {
  std::string id;                      // empty: none
  std::optional<Algorithm> algorithm;  // none: every algorithm of the key's type
};

base::Result<JwkLabels> read_jwk_labels(const boost::json::object& jwk);

// Expects a key that may check signatures: "use" and "key_ops" may say that this one may not.
base::Result<KeyMaterial> read_public_jwk(const boost::json::object& jwk);

// Expects the private members too.
base::Result<KeyMaterial> read_private_jwk(const boost::json::object& jwk);

// The members that make the key, without labels. Those of a secret are the secret itself, also in the public form.
base::Result<boost::json::object> write_public_jwk(const KeyMaterial& material);
base::Result<boost::json::object> write_private_jwk(const KeyMaterial& material);

}  // namespace jwt
