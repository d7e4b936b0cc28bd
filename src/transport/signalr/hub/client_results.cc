#include "transport/signalr/hub/client_results.h"

#include <utility>

#include "transport/signalr/codec/negotiate.h"

namespace message_service::signalr {

class ClientResults::Pending final : public Expirable {
 public:
  explicit Pending(Done done) : done_(std::move(done)) {}

  void settle(Result<Value> answer) {
    if (Done done = std::exchange(done_, nullptr)) done(std::move(answer));
  }
  // The entry stays until the answer comes after all, or the client goes.
  void expire() override { settle(Error{ErrorCode::unknown, "The client has not answered in time."}); }

 private:
  Done done_;
};

std::string ClientResults::expect(std::chrono::milliseconds timeout, Done done) {
  std::string id = random_token();
  const auto& pending = pending_.emplace(id, std::make_shared<Pending>(std::move(done))).first->second;
  if (timeout.count() > 0) shard_.after(timeout, pending);
  return id;
}

bool ClientResults::take(Completion& completion) {
  const auto node = pending_.extract(completion.invocation_id);
  if (!node) return false;
  if (auto* value = std::get_if<Value>(&completion.outcome)) {
    node.mapped()->settle(std::move(*value));
  } else if (const auto* failure = std::get_if<Failure>(&completion.outcome)) {
    node.mapped()->settle(Error{ErrorCode::refused, std::string(error_text(*failure))});
  } else {
    node.mapped()->settle(Value());
  }
  return true;
}

void ClientResults::fail_all(const std::string& error) {
  for (const auto& [id, pending] : std::exchange(pending_, {})) pending->settle(Error{ErrorCode::unknown, error});
}

}  // namespace message_service::signalr
