#include "signalr/host/host.h"

#include <cstdio>
#include <thread>
#include <utility>

#include "http/server/server.h"
#include "runtime/end_signals.h"

namespace signalr {

namespace {

constexpr auto kAbortTimeout = std::chrono::milliseconds(200);

http::ServerOptions server_options(const HostOptions& options) {
  http::ServerOptions server{.addresses = {{options.address, options.port}}};
  server.session.limits.body_bytes_max = options.body_bytes_max;
  server.certificate = options.certificate;
  if (!options.certificate.path.empty()) server.addresses.push_back({options.address, options.https_port, true});
  return server;
}

}  // namespace

struct Host::Parts {
  explicit Parts(HostOptions its_options)
      : options(std::move(its_options)),
        shards(options.threads),
        cors(options.allowed_origins),
        server(shards, router, cors, server_options(options)) {}

  std::size_t connections() const {
    std::size_t count = 0;
    for (const auto& endpoint : hubs) count += endpoint->connections();
    for (const auto& endpoint : transports) count += endpoint->connections();
    return count;
  }

  // Waits until there are none, or until the deadline.
  void wait_for_connections(base::SteadyTime deadline) const {
    while (connections() > 0 && base::SteadyClock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  const HostOptions options;
  runtime::Shards shards;
  http::CorsPolicy cors;
  std::vector<std::unique_ptr<HubEndpoint>> hubs;
  std::vector<std::unique_ptr<TransportEndpoint>> transports;
  http::Router router;
  http::Server server;
  bool running = false;
};

Host::Host(HostOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

Host::~Host() { stop(); }

void Host::map(const std::string& path, const Hub& hub, EndpointOptions options) {
  auto endpoint =
      std::make_unique<HubEndpoint>(parts_->shards, hub, parts_->cors, std::move(options), ConnectionObserver());
  endpoint->add_routes(parts_->router, path);
  parts_->hubs.push_back(std::move(endpoint));
}

void Host::map_connections(const std::string& path, TransportEndpoint::Serve serve, TransportEndpointOptions options) {
  auto endpoint =
      std::make_unique<TransportEndpoint>(parts_->shards, parts_->cors, std::move(options), std::move(serve));
  endpoint->add_routes(parts_->router, path);
  parts_->transports.push_back(std::move(endpoint));
}

http::Router& Host::router() { return parts_->router; }

base::Result<std::uint16_t> Host::start() {
  auto port = parts_->server.listen();
  if (!port) return port;
  for (const auto& shard : parts_->shards) shard->start();
  parts_->running = true;
  return port;
}

void Host::stop() {
  if (!std::exchange(parts_->running, false)) return;
  const base::SteadyTime deadline = base::SteadyClock::now() + parts_->options.stop_timeout;
  parts_->server.drain();
  for (const auto& endpoint : parts_->hubs) endpoint->drain(std::chrono::milliseconds(0));
  for (const auto& endpoint : parts_->transports) endpoint->drain(std::chrono::milliseconds(0));
  parts_->wait_for_connections(deadline);
  for (const auto& endpoint : parts_->hubs) endpoint->abort();
  for (const auto& endpoint : parts_->transports) endpoint->abort();
  parts_->wait_for_connections(base::SteadyClock::now() + kAbortTimeout);
  for (const auto& shard : parts_->shards) shard->stop();
}

int Host::run() {
  const sigset_t signals = runtime::block_end_signals();
  const auto port = start();
  if (!port) {
    std::fprintf(stderr, "%s\n", port.error().text.c_str());
    return 1;
  }
  for (const std::string& url : parts_->server.urls()) std::printf("Now listening on: %s\n", url.c_str());
  std::fflush(stdout);
  runtime::wait_for_end(signals);
  stop();
  return 0;
}

}  // namespace signalr
