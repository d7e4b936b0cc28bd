// One stream that a client uploads into a call. A few items wait here; when the method does not take them, the client's
// messages are no longer read.
//
// Shared by the connection, which fills it, and the method, which reads it; on the connection's shard.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "runtime/waiters.h"
#include "signalr/protocol/value.h"

namespace signalr {

class Upload {
 public:
  Upload(const runtime::Executor& executor, std::size_t items_max) : changed_(executor), items_max_(items_max) {}

  // For the connection. push() resumes when there is room, or when nobody reads any more.
  runtime::Awaitable<void> push(Value item);
  void finish() { end({}); }
  void fail(std::string error) { end(std::move(error)); }  // earlier items are read first

  // The method has ended: drops the items that wait and those that still arrive.
  void drop();

  // For the method: the next item, or nothing after the last one. Throws HubException with the text of a failure.
  runtime::Awaitable<std::optional<Value>> read();

 private:
  void end(std::string error);

  runtime::Waiters changed_;
  const std::size_t items_max_;
  std::deque<Value> items_;
  std::string error_;
  bool ended_ = false;
  bool dropped_ = false;
};

}  // namespace signalr
