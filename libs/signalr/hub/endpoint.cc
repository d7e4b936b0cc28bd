#include "signalr/hub/endpoint.h"

#include <memory>
#include <utility>

namespace signalr {

HubEndpoint::HubEndpoint(runtime::Shards& shards, const Hub& hub, const http::CorsPolicy& cors, EndpointOptions options,
                         ConnectionObserver observer)
    : hub_(hub),
      options_(options.connection),
      observer_(std::move(observer)),
      links_(shards, cors, std::move(options.links),
             [this](std::shared_ptr<Link> link) { return serve(std::move(link)); }) {}

runtime::Awaitable<void> HubEndpoint::serve(std::shared_ptr<Link> link) {
  const auto connection = std::make_shared<HubConnection>(std::move(link), hub_, options_, observer_);
  co_await connection->run();
}

}  // namespace signalr
