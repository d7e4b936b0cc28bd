// A whole server around hubs, for programs that have none yet: threads, HTTP, endpoints.
//
//   Host host({.port = 5000});
//   host.map("/chat", chat_hub);
//   return host.run();
//
// Construct, fill, run and destroy it on one thread; hubs must outlive it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/routing/router.h"
#include "signalr/hub/endpoint.h"
#include "tls/certificates.h"

namespace signalr {

struct HostOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                      // 0: the operating system chooses
  tls::CertificateFiles certificate{};         // when it names a file, the host listens with https too
  std::uint16_t https_port = 0;                // 0: the operating system chooses
  std::size_t threads = 0;                     // 0: one for each core
  std::vector<std::string> allowed_origins{};  // of pages that may connect; "*" for any
  std::size_t body_bytes_max = std::size_t{1} << 20;
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(5);  // for clients to learn of the end
};

class Host {
 public:
  explicit Host(HostOptions options = {});
  ~Host();

  // Serves a hub under a path. Call before start().
  void map(const std::string& path, const Hub& hub, EndpointOptions options = {});

  // Connections without a hub's protocol: bytes in, bytes out.
  void map_connections(const std::string& path, TransportEndpoint::Serve serve, TransportEndpointOptions options = {});

  // For other routes. Call before start().
  http::Router& router();

  // Binds and serves; returns the port of http. An error names the obstacle.
  base::Result<std::uint16_t> start();

  // Notifies every client, waits for them as long as the timeout allows, and ends.
  void stop();

  // Calls start(), prints where the host listens, and calls stop() at SIGINT or SIGTERM. Returns the program's exit
  // code.
  int run();

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace signalr
