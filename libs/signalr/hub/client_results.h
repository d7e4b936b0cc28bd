// The answers that one client owes the server. On the connection's shard.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "runtime/shard.h"
#include "signalr/protocol/message.h"

namespace signalr {

class ClientResults {
 public:
  using Done = std::function<void(base::Result<Value>)>;

  explicit ClientResults(runtime::Shard& shard) : shard_(shard) {}

  // Returns the id to ask with. Calls `done` once: with the answer, or with `unknown` when no answer arrives in time. A
  // `timeout` of 0 means none.
  std::string expect(std::chrono::milliseconds timeout, Done done);

  // False when nobody waits for this answer.
  bool take(Completion& completion);

  // The client has disconnected.
  void fail_all(const std::string& error);

 private:
  class Pending;

  runtime::Shard& shard_;
  std::unordered_map<std::string, std::shared_ptr<Pending>> pending_;  // by invocation id
};

}  // namespace signalr
