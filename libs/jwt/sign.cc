#include "jwt/sign.h"

#include <openssl/evp.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/json_object_writer.h"
#include "base/random.h"
#include "jwt/claims.h"
#include "jwt/json.h"
#include "jwt/jwk.h"
#include "jwt/key_material.h"

namespace jwt {

namespace {

constexpr std::size_t kRsaBits = 2048;
constexpr std::size_t kSecretBytes = 32;

base::Result<KeyMaterial> generate_material(KeyType type) {
  EVP_PKEY* key = nullptr;
  switch (type) {
    case KeyType::secret: {
      Bytes secret(kSecretBytes);
      base::random_bytes(secret);
      return KeyMaterial::of_secret(std::move(secret));
    }
    case KeyType::rsa:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", kRsaBits);
      break;
    case KeyType::p256:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
      break;
    case KeyType::p384:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
      break;
    case KeyType::ed25519:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
  }
  if (key == nullptr) return base::Error{base::ErrorCode::unavailable, "OpenSSL does not make a key"};
  return KeyMaterial::of(PrivateOrPublicKey(key));
}

void put_labels(boost::json::object& jwk, const std::string& id, Algorithm algorithm) {
  const std::string_view name = to_text(algorithm);
  jwk["use"] = "sig";
  jwk["alg"] = boost::json::string_view(name.data(), name.size());
  jwk["kid"] = id;
}

}  // namespace

base::Result<KeyPair> generate(Algorithm algorithm) {
  const ErrorScope scope;
  const auto material = generate_material(type_for(algorithm));
  if (!material) return material.error();
  auto private_jwk = write_private_jwk(*material);
  if (!private_jwk) return private_jwk.error();
  auto public_jwk = write_public_jwk(*material);
  if (!public_jwk) return public_jwk.error();
  const std::string id = base::base64url(base::random_bytes<12>());
  put_labels(*private_jwk, id, algorithm);
  put_labels(*public_jwk, id, algorithm);
  const boost::json::object set{{"keys", boost::json::array{std::move(*public_jwk)}}};
  return KeyPair{.private_jwk = boost::json::serialize(*private_jwk), .public_key_set = boost::json::serialize(set)};
}

base::Result<std::string> sign(std::string_view claims, std::string_view private_jwk) {
  if (const auto read = Claims::parse(claims); !read) return read.error();
  const auto jwk = read_json_object(private_jwk, "the private JWK");
  if (!jwk) return jwk.error();
  const base::Result<JwkLabels> labels = read_jwk_labels(*jwk);
  if (!labels) return labels.error();
  if (!labels->algorithm) return invalid("the private JWK has no 'alg'");
  const base::Result<KeyMaterial> material = read_private_jwk(*jwk);
  if (!material) return material.error();

  std::string header;
  base::JsonObjectWriter writer(header);
  writer.string("alg", to_text(*labels->algorithm)).string("typ", "JWT");
  if (!labels->id.empty()) writer.string("kid", labels->id);
  writer.close();
  std::string token = base::base64url(bytes_of(header)).append(1, '.').append(base::base64url(bytes_of(claims)));
  const std::optional<Bytes> signature = material->sign(*labels->algorithm, token);
  if (!signature) return invalid("the private JWK does not sign with its 'alg'");
  return token.append(1, '.').append(base::base64url(*signature));
}

}  // namespace jwt
