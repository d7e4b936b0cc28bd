#include "jwt/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "base/base64.h"
#include "jwt/json.h"

namespace jwt {

namespace {

using Number = base::Owned<BIGNUM, BN_free>;
using Context = base::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParameterBuilder = base::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = base::Owned<OSSL_PARAM, OSSL_PARAM_free>;

constexpr std::size_t kMaxNumberBytes = 2048;
constexpr std::size_t kEd25519KeyBytes = 32;

struct Field {
  const char* jwk;
  const char* openssl;
};

constexpr std::array kRsaPublic{Field{"n", OSSL_PKEY_PARAM_RSA_N}, Field{"e", OSSL_PKEY_PARAM_RSA_E}};
constexpr std::array kRsaPrivate{
    Field{"d", OSSL_PKEY_PARAM_RSA_D},          Field{"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
    Field{"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    Field{"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
    Field{"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, Field{"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};

struct Curve {
  std::string_view jwk;
  const char* openssl;
  std::size_t bytes;  // of a coordinate
};

constexpr std::array kCurves{Curve{"P-256", "prime256v1", 32}, Curve{"P-384", "secp384r1", 48}};

// Collects what OpenSSL makes a key from. The numbers live until the key is made.
class KeyBuilder {
 public:
  explicit KeyBuilder(const char* type) : type_(type), builder_(OSSL_PARAM_BLD_new()) {}

  bool add_number(const char* name, std::span<const std::uint8_t> bytes) {
    numbers_.emplace_back(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    return numbers_.back() && OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get()) == 1;
  }
  bool add_text(const char* name, const char* text) {
    return OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, text, 0) == 1;
  }
  bool add_bytes(const char* name, const Bytes& bytes) {
    return OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, bytes.data(), bytes.size()) == 1;
  }

  // Null when OpenSSL finds that this is no key, as for a point that is not on its curve.
  PrivateOrPublicKey make(int selection) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder_.get()));
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type_, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) {
      return nullptr;
    }
    return PrivateOrPublicKey(key);
  }

 private:
  const char* type_;
  ParameterBuilder builder_;
  std::vector<Number> numbers_;
};

std::optional<Bytes> read_bytes(const boost::json::object& jwk, std::string_view name) {
  const boost::json::string* const text = find_text(jwk, name);
  if (text == nullptr) return std::nullopt;
  std::optional<Bytes> bytes = base::read_base64url(view(*text));
  if (!bytes || bytes->empty() || bytes->size() > kMaxNumberBytes) return std::nullopt;
  return bytes;
}

bool add_fields(KeyBuilder& builder, const boost::json::object& jwk, std::span<const Field> fields) {
  for (const Field& field : fields) {
    const std::optional<Bytes> bytes = read_bytes(jwk, field.jwk);
    if (!bytes || !builder.add_number(field.openssl, *bytes)) return false;
  }
  return true;
}

PrivateOrPublicKey read_rsa(const boost::json::object& jwk, bool is_private) {
  KeyBuilder builder("RSA");
  if (!add_fields(builder, jwk, kRsaPublic)) return nullptr;
  if (is_private && !add_fields(builder, jwk, kRsaPrivate)) return nullptr;
  return builder.make(is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
}

PrivateOrPublicKey read_elliptic(const boost::json::object& jwk, bool is_private) {
  const boost::json::string* const name = find_text(jwk, "crv");
  if (name == nullptr) return nullptr;
  for (const Curve& curve : kCurves) {
    if (curve.jwk != view(*name)) continue;
    const std::optional<Bytes> x = read_bytes(jwk, "x");
    const std::optional<Bytes> y = read_bytes(jwk, "y");
    if (!x || !y || x->size() != curve.bytes || y->size() != curve.bytes) return nullptr;
    Bytes point{POINT_CONVERSION_UNCOMPRESSED};
    point.insert(point.end(), x->begin(), x->end());
    point.insert(point.end(), y->begin(), y->end());
    KeyBuilder builder("EC");
    if (!builder.add_text(OSSL_PKEY_PARAM_GROUP_NAME, curve.openssl) ||
        !builder.add_bytes(OSSL_PKEY_PARAM_PUB_KEY, point)) {
      return nullptr;
    }
    if (!is_private) return builder.make(EVP_PKEY_PUBLIC_KEY);
    const std::optional<Bytes> d = read_bytes(jwk, "d");
    if (!d || d->size() != curve.bytes || !builder.add_number(OSSL_PKEY_PARAM_PRIV_KEY, *d)) return nullptr;
    return builder.make(EVP_PKEY_KEYPAIR);
  }
  return nullptr;
}

PrivateOrPublicKey read_edwards(const boost::json::object& jwk, bool is_private) {
  const boost::json::string* const curve = find_text(jwk, "crv");
  if (curve == nullptr || view(*curve) != "Ed25519") return nullptr;
  const std::optional<Bytes> bytes = read_bytes(jwk, is_private ? "d" : "x");
  if (!bytes || bytes->size() != kEd25519KeyBytes) return nullptr;
  const auto make = is_private ? EVP_PKEY_new_raw_private_key_ex : EVP_PKEY_new_raw_public_key_ex;
  return PrivateOrPublicKey(make(nullptr, "ED25519", nullptr, bytes->data(), bytes->size()));
}

base::Result<KeyMaterial> read_jwk(const boost::json::object& jwk, bool is_private) {
  const boost::json::string* const type = find_text(jwk, "kty");
  if (type == nullptr) return invalid("a JWK has the type of its key in 'kty'");
  const ErrorScope scope;
  PrivateOrPublicKey key;
  if (view(*type) == "oct") {
    std::optional<Bytes> secret = read_bytes(jwk, "k");
    if (!secret) return invalid("a JWK of type oct has base64url in 'k'");
    return KeyMaterial::of_secret(std::move(*secret));
  }
  if (view(*type) == "RSA") key = read_rsa(jwk, is_private);
  if (view(*type) == "EC") key = read_elliptic(jwk, is_private);
  if (view(*type) == "OKP") key = read_edwards(jwk, is_private);
  if (!key) return invalid("the JWK is not a key of RSA, P-256, P-384, Ed25519 or oct");
  return KeyMaterial::of(std::move(key));
}

bool may_verify(const boost::json::object& jwk) {
  if (const boost::json::value* const use = jwk.if_contains("use")) {
    const boost::json::string* const text = use->if_string();
    if (text == nullptr || view(*text) != "sig") return false;
  }
  const boost::json::value* const operations = jwk.if_contains("key_ops");
  if (operations == nullptr) return true;
  const boost::json::array* const list = operations->if_array();
  if (list == nullptr) return false;
  for (const boost::json::value& operation : *list) {
    const boost::json::string* const text = operation.if_string();
    if (text != nullptr && view(*text) == "verify") return true;
  }
  return false;
}

void put(boost::json::object& jwk, const char* name, std::span<const std::uint8_t> bytes) {
  jwk[name] = base::base64url(bytes);
}

// `size` 0: as many bytes as the number needs.
bool put_number(boost::json::object& jwk, EVP_PKEY* key, Field field, std::size_t size = 0) {
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, field.openssl, &found) != 1) return false;
  const Number number(found);
  Bytes bytes(size > 0 ? size : static_cast<std::size_t>(BN_num_bytes(found)));
  const bool is_written = BN_bn2binpad(found, bytes.data(), static_cast<int>(bytes.size())) >= 0;
  if (is_written) put(jwk, field.jwk, bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return is_written;
}

bool put_all(boost::json::object& jwk, EVP_PKEY* key, std::span<const Field> fields) {
  for (const Field& field : fields) {
    if (!put_number(jwk, key, field)) return false;
  }
  return true;
}

bool put_elliptic(boost::json::object& jwk, EVP_PKEY* key, const Curve& curve, bool is_private) {
  jwk["kty"] = "EC";
  jwk["crv"] = boost::json::string_view(curve.jwk.data(), curve.jwk.size());
  return put_number(jwk, key, {"x", OSSL_PKEY_PARAM_EC_PUB_X}, curve.bytes) &&
         put_number(jwk, key, {"y", OSSL_PKEY_PARAM_EC_PUB_Y}, curve.bytes) &&
         (!is_private || put_number(jwk, key, {"d", OSSL_PKEY_PARAM_PRIV_KEY}, curve.bytes));
}

bool put_edwards(boost::json::object& jwk, EVP_PKEY* key, bool is_private) {
  std::array<std::uint8_t, kEd25519KeyBytes> bytes;
  std::size_t size = bytes.size();
  jwk["kty"] = "OKP";
  jwk["crv"] = "Ed25519";
  if (EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) != 1) return false;
  put(jwk, "x", bytes);
  if (!is_private) return true;
  if (EVP_PKEY_get_raw_private_key(key, bytes.data(), &size) != 1) return false;
  put(jwk, "d", bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return true;
}

base::Result<boost::json::object> write_jwk(const KeyMaterial& material, bool is_private) {
  const ErrorScope scope;
  boost::json::object jwk;
  bool is_written = false;
  switch (material.type()) {
    case KeyType::secret:
      jwk["kty"] = "oct";
      put(jwk, "k", material.secret());
      is_written = true;
      break;
    case KeyType::rsa:
      jwk["kty"] = "RSA";
      is_written =
          put_all(jwk, material.key(), kRsaPublic) && (!is_private || put_all(jwk, material.key(), kRsaPrivate));
      break;
    case KeyType::p256:
      is_written = put_elliptic(jwk, material.key(), kCurves[0], is_private);
      break;
    case KeyType::p384:
      is_written = put_elliptic(jwk, material.key(), kCurves[1], is_private);
      break;
    case KeyType::ed25519:
      is_written = put_edwards(jwk, material.key(), is_private);
      break;
  }
  if (!is_written) return invalid("OpenSSL does not give the key's parts");
  return jwk;
}

}  // namespace

base::Result<JwkLabels> read_jwk_labels(const boost::json::object& jwk) {
  JwkLabels labels;
  if (const boost::json::value* const id = jwk.if_contains("kid")) {
    if (!id->is_string()) return invalid("'kid' of a JWK is a text");
    labels.id = view(id->get_string());
  }
  if (const boost::json::value* const name = jwk.if_contains("alg")) {
    if (!name->is_string()) return invalid("'alg' of a JWK is a text");
    labels.algorithm = parse_algorithm(view(name->get_string()));
    if (!labels.algorithm) return invalid("'alg' of the JWK is unknown");
  }
  return labels;
}

base::Result<KeyMaterial> read_public_jwk(const boost::json::object& jwk) {
  if (!may_verify(jwk)) return invalid("'use' or 'key_ops' of the JWK excludes signatures");
  return read_jwk(jwk, false);
}

base::Result<KeyMaterial> read_private_jwk(const boost::json::object& jwk) { return read_jwk(jwk, true); }

base::Result<boost::json::object> write_public_jwk(const KeyMaterial& material) { return write_jwk(material, false); }

base::Result<boost::json::object> write_private_jwk(const KeyMaterial& material) { return write_jwk(material, true); }

}  // namespace jwt
