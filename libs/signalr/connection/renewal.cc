#include "signalr/connection/renewal.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace signalr {

runtime::Awaitable<void> renew(std::shared_ptr<TransportConnection> transport, Renewal renewal) {
  transport->renew(std::move(renewal.user), std::move(renewal.principal), renewal.times);
  if (transport->user() != nullptr) co_await transport->user()->renewed();
}

runtime::Awaitable<void> renew_if_newer(std::shared_ptr<TransportConnection> transport, Renewal renewal) {
  if (renewal.times.newer_than(transport->token_times())) co_await renew(std::move(transport), std::move(renewal));
}

std::int64_t seconds_until(base::Timestamp end) { return std::max<std::int64_t>(0, (end - base::wall_now()) / 1000); }

void forget_token(OpeningRequest& opening) {
  std::erase_if(opening.query, [](const auto& pair) { return base::equals_ignoring_case(pair.first, "access_token"); });
  std::erase_if(opening.headers,
                [](const auto& pair) { return base::equals_ignoring_case(pair.first, "Authorization"); });
}

std::string id_of(const std::optional<User>& user) { return user ? user->id : std::string(); }

}  // namespace signalr
