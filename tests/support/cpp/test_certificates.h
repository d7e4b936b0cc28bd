// For tests: keys and certificates, made by OpenSSL, and the files that hold them.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace tls {

using TestKey = std::shared_ptr<EVP_PKEY>;
using TestX509 = std::shared_ptr<X509>;

inline TestKey make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

struct TestIdentity {
  TestKey key;
  TestX509 certificate;
};

struct TestCertificateOptions {
  std::string name = "localhost";
  std::string also = "DNS:localhost,IP:127.0.0.1,IP:::1";
  std::chrono::seconds begins = -std::chrono::hours(1);  // from now
  std::chrono::seconds ends = std::chrono::hours(24);
  bool issues_others = false;
};

// Signed by `issuer`, or by itself.
inline TestIdentity make_identity(const TestCertificateOptions& options = {}, const TestIdentity* issuer = nullptr) {
  TestIdentity made{make_key(), {X509_new(), X509_free}};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  static long serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), options.begins.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate), options.ends.count());
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(options.name.c_str()), -1, -1, 0);
  const TestIdentity& signer = issuer != nullptr ? *issuer : made;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  X509V3_CTX context;
  X509V3_set_ctx(&context, signer.certificate.get(), certificate, nullptr, nullptr, 0);
  const auto extend = [&](int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  if (!options.also.empty()) extend(NID_subject_alt_name, options.also);
  extend(NID_basic_constraints, options.issues_others ? "critical,CA:TRUE" : "CA:FALSE");
  X509_sign(certificate, signer.key.get(), EVP_sha256());
  return made;
}

inline std::string pem_of(const TestX509& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_X509(bio.get(), certificate.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

inline std::string pem_of(const TestKey& key, const std::string& password = {}) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), password.empty() ? nullptr : EVP_aes_256_cbc(), password.data(),
                                static_cast<int>(password.size()), nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

inline std::string pfx_of(const TestIdentity& identity, const std::string& password, const TestIdentity* issuer = {}) {
  STACK_OF(X509)* others = nullptr;
  if (issuer != nullptr) {
    others = sk_X509_new_null();
    sk_X509_push(others, issuer->certificate.get());
  }
  const std::unique_ptr<PKCS12, decltype(&PKCS12_free)> pfx(
      PKCS12_create(password.c_str(), "test", identity.key.get(), identity.certificate.get(), others, 0, 0, 0, 0, 0),
      PKCS12_free);
  if (others != nullptr) sk_X509_free(others);
  unsigned char* bytes = nullptr;
  const int size = i2d_PKCS12(pfx.get(), &bytes);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

// A folder of files that goes with the test.
class TestFiles {
 public:
  TestFiles() {
    std::string name = std::filesystem::temp_directory_path() / "tls-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~TestFiles() { std::filesystem::remove_all(folder_); }
  TestFiles(const TestFiles&) = delete;
  TestFiles& operator=(const TestFiles&) = delete;

  std::string path(const std::string& name) const { return folder_ / name; }

  // Replaces the file in one step, as those who renew certificates do.
  std::string write(const std::string& name, const std::string& bytes) const {
    const std::string made = path(name + ".new");
    std::ofstream(made, std::ios::binary) << bytes;
    std::filesystem::rename(made, path(name));
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace tls
