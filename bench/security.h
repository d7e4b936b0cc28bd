// What the connections of a load share when they go through TLS. The run owns it; any thread may read it.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>
#include <utility>

#include "http/client/trust.h"

namespace message_service::bench {

struct Security {
  // `ca_file`: a list that has been read once without a failure; empty: the system's.
  Security(std::string server, const std::string& ca_file) : host(std::move(server)) {
    http::trust_only(context, ca_file);
  }

  boost::asio::ssl::context context{boost::asio::ssl::context::tls_client};
  std::string host;  // the name or address that the server's certificate must have
};

}  // namespace message_service::bench
