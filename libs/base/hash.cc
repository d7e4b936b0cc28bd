#include "base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "base/check.h"

namespace base {

namespace {

// Looking an algorithm up by name costs OpenSSL more than a short digest does, so the look-up happens once.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> found(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                     &EVP_MD_free);
  return found.get();
}

struct Context {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(context); }
};

thread_local Context digest_context;

}  // namespace

Sha256 sha256(std::string_view bytes) {
  Sha256 digest;
  EVP_MD_CTX* const context = digest_context.context;
  CHECK(EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1);
  CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
  CHECK(EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1);
  return digest;
}

Sha256 sha256_of_parts(std::initializer_list<std::string_view> parts) {
  thread_local std::string joined;
  joined.clear();
  for (const std::string_view part : parts) {
    std::array<char, 8> size;
    for (std::size_t i = 0; i < size.size(); ++i) size[i] = static_cast<char>(part.size() >> (8 * i));
    joined.append(size.data(), size.size()).append(part);
  }
  return sha256(joined);
}

}  // namespace base
