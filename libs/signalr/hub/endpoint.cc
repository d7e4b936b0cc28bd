#include "signalr/hub/endpoint.h"

#include <memory>
#include <utility>

namespace signalr {

HubEndpoint::HubEndpoint(runtime::Shards& shards, const Hub& hub, const http::CorsPolicy& cors, EndpointOptions options,
                         ConnectionObserver observer)
    : hub_(hub),
      options_(options.connection),
      observer_(std::move(observer)),
      transports_(shards, cors, std::move(options.connections),
                  [this](std::shared_ptr<TransportConnection> transport) { return serve(std::move(transport)); }) {}

runtime::Awaitable<void> HubEndpoint::serve(std::shared_ptr<TransportConnection> transport) {
  const auto connection = std::make_shared<HubConnection>(std::move(transport), hub_, options_, observer_);
  co_await connection->run();
}

}  // namespace signalr
