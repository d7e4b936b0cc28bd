// Whom a client believes by TLS, and how it asks. Any thread.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <string>

using SSL = struct ssl_st;

namespace http {

// TLS 1.2 and later; a server must prove who it is. `ca_file`: PEM; empty: the system's list. Returns why the list
// cannot be read.
boost::system::error_code trust_only(boost::asio::ssl::context& context, const std::string& ca_file);

// Believes a server that shows this certificate (DER) too, whatever its name and its time. The text must outlive the
// context.
void trust_also(boost::asio::ssl::context& context, const std::string& certificate);

// As trust_only(), without a proof.
boost::system::error_code trust_any(boost::asio::ssl::context& context);

// Before the handshake of a new connection: names the server that must answer, and asks for HTTP/1.1.
void expect_server(SSL* connection, const std::string& host);

// Why the server of this connection was not believed; empty when that was not the fault.
std::string disbelief(const SSL* connection);

}  // namespace http
