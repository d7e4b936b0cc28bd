#include "signalr/hub/client_results.h"

#include <utility>

#include "signalr/protocol/negotiate.h"

namespace signalr {

class ClientResults::Pending final : public runtime::Expirable {
 public:
  Pending(ClientResults& owner, std::string id, Done done)
      : owner_(owner), id_(std::move(id)), done_(std::move(done)) {}

  void settle(base::Result<Value> answer) {
    runtime::Shard::forget(*this);
    done_(std::move(answer));
  }

  void expire() override {
    const auto self = owner_.pending_.extract(id_);
    if (self) settle(base::Error{base::ErrorCode::unknown, "The client has not answered in time."});
  }

 private:
  ClientResults& owner_;
  const std::string id_;
  const Done done_;
};

std::string ClientResults::expect(std::chrono::milliseconds timeout, Done done) {
  std::string id = random_token();
  const auto pending = std::make_shared<Pending>(*this, id, std::move(done));
  pending_.emplace(id, pending);
  if (timeout.count() > 0) shard_.after(timeout, pending);
  return id;
}

bool ClientResults::take(Completion& completion) {
  const auto node = pending_.extract(completion.invocation_id);
  if (!node) return false;
  if (auto* value = std::get_if<Value>(&completion.outcome)) {
    node.mapped()->settle(std::move(*value));
  } else if (const auto* failure = std::get_if<Failure>(&completion.outcome)) {
    node.mapped()->settle(base::Error{base::ErrorCode::refused, std::string(error_text(*failure))});
  } else {
    node.mapped()->settle(Value());
  }
  return true;
}

void ClientResults::fail_all(const std::string& error) {
  for (const auto& [id, pending] : std::exchange(pending_, {}))
    pending->settle(base::Error{base::ErrorCode::unknown, error});
}

}  // namespace signalr
