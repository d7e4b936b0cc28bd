#include "transport/signalr/link/inbox.h"

#include <utility>

#include "runtime/executors/await_callback.h"

namespace message_service::signalr {

Awaitable<bool> Inbox::put(std::string bytes) {
  if (closed_) co_return false;
  if (bytes_.empty()) {
    bytes_ = std::move(bytes);
  } else {
    bytes_.append(bytes);
  }
  if (const Wake reader = std::exchange(reader_, {})) reader(true);
  if (bytes_.size() <= bytes_max_) co_return true;
  co_return co_await await_callback<bool>(shard_, [this](auto done) { writers_.push_back(std::move(done)); });
}

Awaitable<bool> Inbox::take(std::string& input) {
  if (bytes_.empty() && !closed_) {
    co_await await_callback<bool>(shard_, [this](auto done) { reader_ = std::move(done); });
  }
  if (bytes_.empty()) co_return false;
  if (input.empty()) {
    input.swap(bytes_);
  } else {
    input.append(bytes_);
  }
  bytes_ = {};
  wake_writers();
  co_return true;
}

void Inbox::close() {
  closed_ = true;
  if (const Wake reader = std::exchange(reader_, {})) reader(true);
  wake_writers();
}

void Inbox::discard() {
  const Wake reader = std::exchange(reader_, {});
  const std::vector<Wake> writers = std::exchange(writers_, {});
}

void Inbox::wake_writers() {
  for (const Wake& writer : std::exchange(writers_, {})) writer(!closed_);
}

}  // namespace message_service::signalr
