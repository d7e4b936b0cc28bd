#include "signalr/hub/upload.h"

#include <utility>

#include "signalr/hub/hub_exception.h"

namespace signalr {

runtime::Awaitable<void> Upload::push(Value item) {
  while (!dropped_ && !ended_ && items_.size() >= items_max_) co_await changed_.wait();
  if (dropped_ || ended_) co_return;
  items_.push_back(std::move(item));
  changed_.wake_all();
}

void Upload::end(std::string error) {
  if (ended_) return;
  ended_ = true;
  error_ = std::move(error);
  changed_.wake_all();
}

void Upload::drop() {
  dropped_ = true;
  items_.clear();
  changed_.wake_all();
}

runtime::Awaitable<std::optional<Value>> Upload::read() {
  while (items_.empty() && !ended_ && !dropped_) co_await changed_.wait();
  if (!items_.empty()) {
    std::optional<Value> item(std::move(items_.front()));
    items_.pop_front();
    changed_.wake_all();
    co_return item;
  }
  if (!error_.empty()) throw HubException(error_);
  co_return std::nullopt;
}

}  // namespace signalr
