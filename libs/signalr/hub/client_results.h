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

  // The id to ask with. `done` is called once: with the answer, or with `unknown` when there is none in time. No
  // timeout when it is 0.
  std::string expect(std::chrono::milliseconds timeout, Done done);

  // False when nobody waits for it.
  bool take(Completion& completion);

  // The client has gone.
  void fail_all(const std::string& error);

 private:
  class Pending;

  runtime::Shard& shard_;
  std::unordered_map<std::string, std::shared_ptr<Pending>> pending_;  // by invocation id
};

}  // namespace signalr
