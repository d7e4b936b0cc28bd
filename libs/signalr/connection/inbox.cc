#include "signalr/connection/inbox.h"

#include <utility>

#include "runtime/await_callback.h"

namespace signalr {

bool Inbox::put(std::string bytes, TransportConnection::Room room) {
  if (closed_) return false;
  if (bytes.empty()) return true;
  if (bytes_.empty()) {
    bytes_ = std::move(bytes);
  } else {
    bytes_.append(bytes);
  }
  rooms_.push_back(std::move(room));
  wake_reader();
  return true;
}

runtime::Awaitable<bool> Inbox::take(std::string& input) {
  taken_.clear();
  if (bytes_.empty() && !closed_) {
    co_await runtime::await_callback<bool>(shard_, [this](auto done) { reader_ = std::move(done); });
  }
  if (bytes_.empty()) co_return false;
  if (input.empty()) {
    input.swap(bytes_);
  } else {
    input.append(bytes_);
  }
  std::string().swap(bytes_);  // assigning an empty one would keep the memory
  taken_.swap(rooms_);
  co_return true;
}

void Inbox::close() {
  closed_ = true;
  wake_reader();
}

void Inbox::discard() { const Wake reader = std::exchange(reader_, {}); }

void Inbox::wake_reader() {
  if (const Wake reader = std::exchange(reader_, {})) reader(true);
}

}  // namespace signalr
