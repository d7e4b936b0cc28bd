#include "jwt/key.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <boost/json/object.hpp>
#include <utility>

#include "base/owned.h"
#include "jwt/json.h"
#include "jwt/jwk.h"
#include "jwt/key_maker.h"

namespace jwt {

namespace {

constexpr std::size_t kMaxKeyTextBytes = 65'536;

using Source = base::Owned<BIO, BIO_free>;

// Without it OpenSSL asks at the terminal for the passphrase of an encrypted PEM.
int no_passphrase(char* /*out*/, int /*size*/, int /*is_writing*/, void* /*context*/) { return -1; }

}  // namespace

base::Result<Key> KeyMaker::from_material(std::string id, std::optional<Algorithm> algorithm,
                                          base::Result<KeyMaterial> material) {
  if (!material) return material.error();
  Key key(std::move(id), algorithm, std::make_shared<const KeyMaterial>(std::move(*material)));
  if (algorithm && !key.fits(*algorithm)) return invalid("'alg' of the JWK is not one of its type");
  return key;
}

base::Result<Key> KeyMaker::from_jwk(const boost::json::object& jwk) {
  base::Result<JwkLabels> labels = read_jwk_labels(jwk);
  if (!labels) return labels.error();
  return from_material(std::move(labels->id), labels->algorithm, read_public_jwk(jwk));
}

Key::Key(std::string id, std::optional<Algorithm> algorithm, std::shared_ptr<const KeyMaterial> material)
    : id_(std::move(id)), algorithm_(algorithm), material_(std::move(material)) {}

base::Result<Key> Key::symmetric(std::string id, std::span<const std::uint8_t> secret) {
  return KeyMaker::from_material(std::move(id), std::nullopt,
                                 KeyMaterial::of_secret(Bytes(secret.begin(), secret.end())));
}

base::Result<Key> Key::from_jwk(std::string_view json) {
  if (json.size() > kMaxKeyTextBytes) return invalid("a JWK has 64 KiB at most");
  const auto object = read_json_object(json, "the JWK");
  if (!object) return object.error();
  return KeyMaker::from_jwk(*object);
}

base::Result<Key> Key::from_pem(std::string id, std::string_view pem) {
  if (pem.size() > kMaxKeyTextBytes) return invalid("a public key in PEM has 64 KiB at most");
  const ErrorScope scope;
  const Source source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  PrivateOrPublicKey key(source ? PEM_read_bio_PUBKEY(source.get(), nullptr, &no_passphrase, nullptr) : nullptr);
  if (!key) return invalid("the text is not a public key in PEM");
  return KeyMaker::from_material(std::move(id), std::nullopt, KeyMaterial::of(std::move(key)));
}

Key Key::for_issuer(std::string issuer) const {
  Key key = *this;
  key.issuer_ = std::move(issuer);
  return key;
}

bool Key::fits(Algorithm algorithm) const {
  return type_for(algorithm) == material_->type() && algorithm_.value_or(algorithm) == algorithm;
}

bool Key::verify(Algorithm algorithm, std::string_view signing_input, std::span<const std::uint8_t> signature) const {
  return fits(algorithm) && material_->verify(algorithm, signing_input, signature);
}

}  // namespace jwt
