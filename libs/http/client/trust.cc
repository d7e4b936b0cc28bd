#include "http/client/trust.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <string_view>

namespace http {

using boost::system::error_code;

namespace {

bool is_address(const std::string& host) {
  error_code is_name;
  boost::asio::ip::make_address(host, is_name);
  return !is_name;
}

// In the place of OpenSSL's own check of a chain.
int check_chain(X509_STORE_CTX* chain, void* certificate) {
  const auto& wanted = *static_cast<const std::string*>(certificate);
  X509* const shown = X509_STORE_CTX_get0_cert(chain);
  std::string der(static_cast<std::size_t>(std::max(0, i2d_X509(shown, nullptr))), '\0');
  auto* into = reinterpret_cast<unsigned char*>(der.data());
  if (i2d_X509(shown, &into) > 0 && der == wanted) return 1;
  return X509_verify_cert(chain);
}

}  // namespace

error_code trust_only(boost::asio::ssl::context& context, const std::string& ca_file) {
  error_code failure;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(boost::asio::ssl::verify_peer);
  if (ca_file.empty()) {
    context.set_default_verify_paths(failure);
  } else {
    context.load_verify_file(ca_file, failure);
  }
  return failure;
}

void trust_also(boost::asio::ssl::context& context, const std::string& certificate) {
  SSL_CTX_set_cert_verify_callback(context.native_handle(), check_chain, const_cast<std::string*>(&certificate));
}

error_code trust_any(boost::asio::ssl::context& context) {
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  error_code failure;
  context.set_verify_mode(boost::asio::ssl::verify_none, failure);
  return failure;
}

void expect_server(SSL* connection, const std::string& host) {
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str());
  } else {
    SSL_set1_host(connection, host.c_str());
    SSL_set_tlsext_host_name(connection, host.c_str());
  }
  static constexpr std::string_view kProtocols("\x08http/1.1", 9);
  SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>(kProtocols.data()), kProtocols.size());
}

std::string disbelief(const SSL* connection) {
  const long result = SSL_get_verify_result(connection);
  return result == X509_V_OK ? "" : X509_verify_cert_error_string(result);
}

}  // namespace http
