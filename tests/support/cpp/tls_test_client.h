// For tests: a client over TLS, on a socket that blocks.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <csignal>
#include <memory>
#include <string>
#include <string_view>

#include "support/cpp/signalr_test_client.h"

namespace signalr {

struct TlsClientOptions {
  int version_min = TLS1_2_VERSION;
  int version_max = TLS1_3_VERSION;
  std::string protocols = {"\x08http/1.1", 9};  // ALPN, as on the wire
  SSL_SESSION* session = nullptr;               // to resume
};

class TlsTestClient : public TestClient {
 public:
  explicit TlsTestClient(std::uint16_t port, const TlsClientOptions& options = {}) : TestClient(port) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT);
    ssl_.reset(SSL_new(context_.get()), SSL_free);
    SSL_set_min_proto_version(ssl_.get(), options.version_min);
    SSL_set_max_proto_version(ssl_.get(), options.version_max);
    SSL_set_tlsext_host_name(ssl_.get(), "localhost");
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(options.protocols.data()),
                        static_cast<unsigned>(options.protocols.size()));
    if (options.session != nullptr) SSL_set_session(ssl_.get(), options.session);
    SSL_set_fd(ssl_.get(), socket().native_handle());
    connected_ = SSL_connect(ssl_.get()) == 1;
    if (!connected_) failure_ = last_error();
  }

  bool connected() const { return connected_; }
  // OpenSSL's words for what went wrong in the handshake.
  const std::string& failure() const { return failure_; }
  SSL* ssl() const { return ssl_.get(); }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string protocol() const {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
  }
  std::string server_name() const {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    std::string name(64, '\0');
    name.resize(static_cast<std::size_t>(X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName,
                                                                   name.data(), static_cast<int>(name.size()))));
    return name;
  }
  // True when the server said that it sends no more.
  bool told_of_end() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const int count = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  std::size_t receive(char* into, std::size_t room) override {
    const int count = SSL_read(ssl_.get(), into, static_cast<int>(room));
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  static std::string last_error() {
    const char* text = ERR_reason_error_string(ERR_peek_last_error());
    return text == nullptr ? "closed" : text;
  }

  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> ssl_;
  bool connected_ = false;
  std::string failure_;
};

}  // namespace signalr
