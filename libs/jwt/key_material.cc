#include "jwt/key_material.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "jwt/json.h"

namespace jwt {

namespace {

using DigestContext = base::Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaSignature = base::Owned<ECDSA_SIG, ECDSA_SIG_free>;
using Number = base::Owned<BIGNUM, BN_free>;

constexpr std::size_t kMinSecretBytes = 32;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;  // a check costs the square of it
constexpr std::size_t kHmacBytes = 32;
constexpr std::size_t kEd25519SignatureBytes = 64;

// Null for Ed25519, which hashes by itself.
const char* digest_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rs384:
    case Algorithm::es384:
      return "SHA384";
    case Algorithm::rs512:
      return "SHA512";
    case Algorithm::eddsa:
      return nullptr;
    case Algorithm::rs256:
    case Algorithm::ps256:
    case Algorithm::es256:
    case Algorithm::hs256:
      break;
  }
  return "SHA256";
}

// The bytes of each of the two numbers of an ECDSA signature; 0 for the other types.
constexpr std::size_t ecdsa_number_bytes(KeyType type) {
  return type == KeyType::p256 ? 32 : type == KeyType::p384 ? 48 : 0;
}

std::optional<std::array<std::uint8_t, kHmacBytes>> hmac(const Bytes& secret, std::string_view input) {
  std::array<std::uint8_t, kHmacBytes> code;
  std::size_t size = 0;
  const auto bytes = bytes_of(input);
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret.data(), secret.size(), bytes.data(), bytes.size(),
                code.data(), code.size(), &size) == nullptr ||
      size != code.size()) {
    return std::nullopt;
  }
  return code;
}

bool set_padding(EVP_PKEY_CTX* context, Algorithm algorithm) {
  if (type_for(algorithm) != KeyType::rsa) return true;
  if (algorithm != Algorithm::ps256) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

// Two numbers of fixed length (RFC 7518, 3.4) as the DER that OpenSSL reads. Empty when they are none.
Bytes ecdsa_to_der(std::span<const std::uint8_t> raw) {
  const auto half = static_cast<int>(raw.size() / 2);
  Number r(BN_bin2bn(raw.data(), half, nullptr));
  Number s(BN_bin2bn(raw.data() + half, half, nullptr));
  const EcdsaSignature signature(ECDSA_SIG_new());
  if (!r || !s || !signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  std::uint8_t* out = der.data();
  return i2d_ECDSA_SIG(signature.get(), &out) == size ? der : Bytes();
}

std::optional<Bytes> ecdsa_from_der(const Bytes& der, std::size_t number_bytes) {
  const std::uint8_t* in = der.data();
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  if (!signature) return std::nullopt;
  Bytes raw(2 * number_bytes);
  const auto size = static_cast<int>(number_bytes);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + number_bytes, size) != size) {
    return std::nullopt;
  }
  return raw;
}

// Beyond the sizes: an exponent of 1 would make every text its own signature.
base::Result<KeyType> check_rsa(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) return invalid("an RSA key has 2048 to 8192 bits");
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &found) != 1) return invalid("the RSA key has no exponent");
  const Number exponent(found);
  if (BN_is_odd(found) == 0 || BN_is_one(found) == 1 || BN_num_bits(found) > 64) {
    return invalid("the exponent of an RSA key is odd, above 1 and has 64 bits at most");
  }
  return KeyType::rsa;
}

base::Result<KeyType> check_curve(EVP_PKEY* key) {
  std::array<char, 32> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1) {
    const std::string_view group(name.data(), size);
    if (group == "prime256v1") return KeyType::p256;
    if (group == "secp384r1") return KeyType::p384;
  }
  return invalid("the curve of an elliptic key is P-256 or P-384");
}

base::Result<KeyType> check(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return check_rsa(key);
    case EVP_PKEY_EC:
      return check_curve(key);
    case EVP_PKEY_ED25519:
      return KeyType::ed25519;
    default:
      return invalid("a key is of RSA, P-256, P-384 or Ed25519");
  }
}

}  // namespace

KeyMaterial::KeyMaterial(KeyType type, PrivateOrPublicKey key, Bytes secret)
    : type_(type), key_(std::move(key)), secret_(std::move(secret)) {}

KeyMaterial::~KeyMaterial() { OPENSSL_cleanse(secret_.data(), secret_.size()); }

base::Result<KeyMaterial> KeyMaterial::of_secret(Bytes secret) {
  if (secret.size() < kMinSecretBytes) return invalid("a symmetric key has 32 bytes at least");
  return KeyMaterial(KeyType::secret, nullptr, std::move(secret));
}

base::Result<KeyMaterial> KeyMaterial::of(PrivateOrPublicKey key) {
  const ErrorScope scope;
  const base::Result<KeyType> type = check(key.get());
  if (!type) return type.error();
  return KeyMaterial(*type, std::move(key), {});
}

bool KeyMaterial::verify(Algorithm algorithm, std::string_view input, std::span<const std::uint8_t> signature) const {
  if (type_for(algorithm) != type_) return false;
  const ErrorScope scope;
  if (type_ == KeyType::secret) {
    const auto code = hmac(secret_, input);
    return code && signature.size() == code->size() && CRYPTO_memcmp(code->data(), signature.data(), code->size()) == 0;
  }

  // One length only, or a signature would have several spellings.
  const std::size_t number_bytes = ecdsa_number_bytes(type_);
  const std::size_t expected = number_bytes > 0            ? 2 * number_bytes
                               : type_ == KeyType::ed25519 ? kEd25519SignatureBytes
                                                           : static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  if (signature.size() != expected) return false;
  Bytes der;
  if (number_bytes > 0) {
    der = ecdsa_to_der(signature);
    if (der.empty()) return false;
    signature = der;
  }

  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const auto bytes = bytes_of(input);
  return context &&
         EVP_DigestVerifyInit_ex(context.get(), &parameters, digest_of(algorithm), nullptr, nullptr, key_.get(),
                                 nullptr) == 1 &&
         set_padding(parameters, algorithm) &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(), bytes.size()) == 1;
}

std::optional<Bytes> KeyMaterial::sign(Algorithm algorithm, std::string_view input) const {
  if (type_for(algorithm) != type_) return std::nullopt;
  const ErrorScope scope;
  if (type_ == KeyType::secret) {
    const auto code = hmac(secret_, input);
    if (!code) return std::nullopt;
    return Bytes(code->begin(), code->end());
  }
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const auto bytes = bytes_of(input);
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), &parameters, digest_of(algorithm), nullptr, nullptr, key_.get(), nullptr) !=
          1 ||
      !set_padding(parameters, algorithm) ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes.data(), bytes.size()) != 1) {
    return std::nullopt;
  }
  Bytes signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()) != 1) return std::nullopt;
  signature.resize(size);
  if (const std::size_t number_bytes = ecdsa_number_bytes(type_); number_bytes > 0) {
    return ecdsa_from_der(signature, number_bytes);
  }
  return signature;
}

}  // namespace jwt
