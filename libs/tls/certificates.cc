#include "tls/certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

namespace tls {

namespace {

// A context's tickets are encrypted by keys that live as long as it: a new context is a new key.
constexpr auto kContextLifetime = std::chrono::hours(12);

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

template <auto function>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Pkcs12 = std::unique_ptr<PKCS12, Freed<PKCS12_free>>;

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using X509Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

// A certificate, its key, and the certificates that lead to its issuer.
struct Identity {
  X509Ptr certificate;
  Key key;
  std::vector<X509Ptr> chain;
};

base::Error fault_in(const std::string& path, const std::string& fault) {
  return {base::ErrorCode::invalid, path + ": " + fault};
}

// OpenSSL's own words for its last error.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "unknown error" : text;
}

bool is_last_error(int library, int number) {
  const unsigned long code = ERR_peek_last_error();
  return ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == number;
}

base::Result<std::string> read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fault_in(path, "cannot be read: " + std::generic_category().message(errno));
  std::string bytes(kFileBytesMax + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return fault_in(path, "cannot be read: " + std::generic_category().message(errno));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > kFileBytesMax) return fault_in(path, "is too large for a certificate");
  if (bytes.empty()) return fault_in(path, "is empty");
  return bytes;
}

Bio bio_of(const std::string& bytes) {
  Bio bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  if (!bio) throw std::bad_alloc();
  return bio;
}

int give_password(char* into, int room, int /*writes*/, void* user) {
  const auto& password = *static_cast<const std::string*>(user);
  if (password.size() > static_cast<std::size_t>(room)) return -1;
  return static_cast<int>(password.copy(into, password.size()));
}

base::Result<Key> read_key(const std::string& path, const std::string& bytes, const std::string& password) {
  ERR_clear_error();
  Key key(PEM_read_bio_PrivateKey(bio_of(bytes).get(), nullptr, give_password, const_cast<std::string*>(&password)));
  if (key) return key;
  if (bytes.find("PRIVATE KEY-----") == std::string::npos) return fault_in(path, "has no private key");
  if (bytes.find("ENCRYPTED") != std::string::npos) {
    return fault_in(path, password.empty() ? "the key is encrypted and there is no password"
                                           : "the key cannot be decrypted: the password is wrong");
  }
  return fault_in(path, "the private key cannot be read: " + reason());
}

base::Result<Identity> read_pem_certificates(const CertificateFiles& files, const std::string& bytes) {
  Identity identity;
  ERR_clear_error();
  const Bio bio = bio_of(bytes);
  while (X509* read = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    X509Ptr certificate(read);
    if (identity.certificate) {
      identity.chain.push_back(std::move(certificate));
    } else {
      identity.certificate = std::move(certificate);
    }
  }
  if (!identity.certificate) {
    const bool none = is_last_error(ERR_LIB_PEM, PEM_R_NO_START_LINE);
    return fault_in(files.path, none ? "has no certificate" : "the certificate cannot be read: " + reason());
  }
  if (!is_last_error(ERR_LIB_PEM, PEM_R_NO_START_LINE)) {
    return fault_in(files.path, "a certificate of the chain cannot be read: " + reason());
  }
  return identity;
}

base::Result<Identity> read_pem(const CertificateFiles& files, const std::string& bytes) {
  auto identity = read_pem_certificates(files, bytes);
  if (!identity) return identity;
  const std::string& key_path = files.key_path.empty() ? files.path : files.key_path;
  base::Result<std::string> key_bytes = files.key_path.empty() ? base::Result<std::string>(bytes) : read_file(key_path);
  if (!key_bytes) return key_bytes.error();
  auto key = read_key(key_path, *key_bytes, files.password);
  if (!key) return key.error();
  identity->key = std::move(*key);
  return identity;
}

base::Result<Identity> read_pfx(const CertificateFiles& files, const std::string& bytes) {
  const Pkcs12 pfx(d2i_PKCS12_bio(bio_of(bytes).get(), nullptr));
  if (!pfx) return fault_in(files.path, "is neither PEM nor PFX (PKCS#12)");
  const char* password = files.password.c_str();
  const bool right = PKCS12_mac_present(pfx.get()) == 0 || PKCS12_verify_mac(pfx.get(), password, -1) == 1 ||
                     (files.password.empty() && PKCS12_verify_mac(pfx.get(), nullptr, 0) == 1);
  if (!right) return fault_in(files.path, "the password is wrong, or the file is damaged");
  ERR_clear_error();
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(pfx.get(), password, &key, &certificate, &others) != 1) {
    const bool old = is_last_error(ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM) || reason() == "unsupported";
    return fault_in(files.path, old ? "is encrypted by an algorithm that OpenSSL has given up (RC2): export it with AES"
                                    : "cannot be read: " + reason());
  }
  Identity identity{X509Ptr(certificate), Key(key), {}};
  const X509Stack chain(others);
  while (chain && sk_X509_num(chain.get()) > 0) identity.chain.emplace_back(sk_X509_shift(chain.get()));
  if (!identity.key) return fault_in(files.path, "has no private key");
  if (!identity.certificate) return fault_in(files.path, "has no certificate for its private key");
  return identity;
}

bool is_pem(const CertificateFiles& files, const std::string& bytes) {
  return !files.key_path.empty() || bytes.find("-----BEGIN ") != std::string::npos;
}

base::Result<Identity> read_identity(const CertificateFiles& files) {
  const auto bytes = read_file(files.path);
  if (!bytes) return bytes.error();
  return is_pem(files, *bytes) ? read_pem(files, *bytes) : read_pfx(files, *bytes);
}

// RFC 7301, section 3.2: a client that offers other protocols only is refused.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void* /*user*/) {
  static constexpr std::string_view kHttp = "http/1.1";
  std::string_view rest(reinterpret_cast<const char*>(offered), offered_size);
  while (!rest.empty()) {
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(rest.front()));
    if (rest.size() < size + 1) break;
    if (rest.substr(1, size) == kHttp) {
      *chosen = reinterpret_cast<const unsigned char*>(rest.data() + 1);
      *chosen_size = static_cast<unsigned char>(size);
      return SSL_TLSEXT_ERR_OK;
    }
    rest.remove_prefix(size + 1);
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::string text_of(const ASN1_TIME* time) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio) throw std::bad_alloc();
  ASN1_TIME_print(bio.get(), time);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::vector<std::string> warnings_about(const std::string& path, const X509* certificate) {
  std::vector<std::string> warnings;
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    warnings.push_back(path + ": the certificate has expired on " + text_of(X509_get0_notAfter(certificate)));
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    warnings.push_back(path + ": the certificate is not valid before " + text_of(X509_get0_notBefore(certificate)));
  }
  return warnings;
}

}  // namespace

base::Result<std::string> read_certificate(const CertificateFiles& files) {
  const auto bytes = read_file(files.path);
  if (!bytes) return bytes.error();
  const auto identity = is_pem(files, *bytes) ? read_pem_certificates(files, *bytes) : read_pfx(files, *bytes);
  if (!identity) return identity.error();
  std::string der(static_cast<std::size_t>(std::max(0, i2d_X509(identity->certificate.get(), nullptr))), '\0');
  auto* into = reinterpret_cast<unsigned char*>(der.data());
  if (i2d_X509(identity->certificate.get(), &into) <= 0) throw std::bad_alloc();
  return der;
}

void ServerCertificates::FreeContext::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

struct ServerCertificates::Reader {
  // Null when OpenSSL refuses a step; its error queue has the reason.
  static std::shared_ptr<SSL_CTX> make_context() {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), FreeContext());
    if (!context) throw std::bad_alloc();
    SSL_CTX* raw = context.get();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(raw,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(raw, 1);                           // one system call reads a record's head and body
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // the tickets are with the clients
    static constexpr std::string_view kUse = "http";
    SSL_CTX_set_session_id_context(raw, reinterpret_cast<const unsigned char*>(kUse.data()), kUse.size());
    SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
    if (SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) return nullptr;  // of TLS 1.2
    return context;
  }

  static base::Result<Certificate> read(const CertificateFiles& files) {
    auto identity = read_identity(files);
    if (!identity) return identity.error();
    ERR_clear_error();
    Certificate made{.context = make_context(), .since = std::chrono::steady_clock::now()};
    SSL_CTX* context = made.context.get();
    const std::string& key_path = files.key_path.empty() ? files.path : files.key_path;
    if (context == nullptr || SSL_CTX_use_certificate(context, identity->certificate.get()) != 1) {
      return fault_in(files.path, "the certificate cannot be used: " + reason());
    }
    if (X509_check_private_key(identity->certificate.get(), identity->key.get()) != 1) {
      return fault_in(key_path, "the private key does not match the certificate in " + files.path);
    }
    if (SSL_CTX_use_PrivateKey(context, identity->key.get()) != 1) {
      return fault_in(key_path, "the private key cannot be used: " + reason());
    }
    for (const X509Ptr& certificate : identity->chain) {
      if (SSL_CTX_add1_chain_cert(context, certificate.get()) != 1) {
        return fault_in(files.path, "a certificate of the chain cannot be used: " + reason());
      }
    }
    // Puts the chain into order and leaves its root out. Without all of the chain, the files' own order stays.
    constexpr unsigned kOrder = SSL_BUILD_CHAIN_FLAG_UNTRUSTED | SSL_BUILD_CHAIN_FLAG_NO_ROOT |
                                SSL_BUILD_CHAIN_FLAG_IGNORE_ERROR | SSL_BUILD_CHAIN_FLAG_CLEAR_ERROR;
    SSL_CTX_build_cert_chain(context, kOrder);
    ERR_clear_error();
    made.warnings = warnings_about(files.path, identity->certificate.get());
    return made;
  }
};

base::Result<std::shared_ptr<ServerCertificates>> ServerCertificates::load(CertificateFiles files) {
  std::shared_ptr<ServerCertificates> certificates(new ServerCertificates(std::move(files)));
  certificates->versions_ = certificates->versions_of_files();
  auto read = Reader::read(certificates->files_);
  if (!read) return read.error();
  certificates->use(std::move(*read));
  return certificates;
}

// Takes the versions before it reads: a file that changes meanwhile is read once more the next time.
base::Result<bool> ServerCertificates::reload_if_changed() {
  std::string versions = versions_of_files();
  const bool changed = versions != versions_ || fault_;
  if (!changed && std::chrono::steady_clock::now() - certificate_.since < kContextLifetime) return false;
  versions_ = std::move(versions);
  auto read = Reader::read(files_);
  if (!read) {
    const bool known = fault_ == read.error().text;
    fault_ = read.error().text;
    if (known) return false;
    return read.error();
  }
  fault_.reset();
  use(std::move(*read));
  return changed;
}

std::vector<std::string> ServerCertificates::warnings() const {
  const std::scoped_lock lock(mutex_);
  return certificate_.warnings;
}

std::unique_ptr<Channel> ServerCertificates::accept(int socket) const {
  std::shared_ptr<SSL_CTX> context;
  {
    const std::scoped_lock lock(mutex_);
    context = certificate_.context;
  }
  std::unique_ptr<SSL, Channel::Free> ssl(SSL_new(context.get()));
  if (!ssl) throw std::bad_alloc();
  SSL_set_accept_state(ssl.get());
  return std::make_unique<Channel>(std::move(ssl), socket);
}

// What differs when a file has been written or replaced, also through a symbolic link.
std::string ServerCertificates::versions_of_files() const {
  std::string versions;
  for (const std::string* path : {&files_.path, &files_.key_path}) {
    struct stat file {};
    if (path->empty() || ::stat(path->c_str(), &file) != 0) {
      versions += "-;";
      continue;
    }
    for (const std::int64_t part : {std::int64_t(file.st_dev), std::int64_t(file.st_ino), std::int64_t(file.st_size),
                                    std::int64_t(file.st_mtim.tv_sec), std::int64_t(file.st_mtim.tv_nsec),
                                    std::int64_t(file.st_ctim.tv_sec), std::int64_t(file.st_ctim.tv_nsec)}) {
      versions += std::to_string(part) + ",";
    }
    versions += ";";
  }
  return versions;
}

void ServerCertificates::use(Certificate certificate) {
  const std::scoped_lock lock(mutex_);
  certificate_ = std::move(certificate);
}

}  // namespace tls
