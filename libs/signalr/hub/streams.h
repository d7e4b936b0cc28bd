// The two ends of streams that hub methods take as parameters. Both are cheap to copy; on the connection's shard.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "signalr/hub/convert.h"
#include "signalr/hub/hub_exception.h"
#include "signalr/hub/method_call.h"

namespace signalr {

// A parameter of this type makes a method a streaming one: each item that it writes is sent to the caller, and the
// stream ends with the method.
template <class T>
class StreamWriter {
 public:
  explicit StreamWriter(std::shared_ptr<MethodCall> call) : call_(std::move(call)) {}

  // Waits while the client reads too slowly. False when nobody wants more items: the client has cancelled, or
  // disconnected.
  runtime::Awaitable<bool> write(const T& item) const { return call_->emit(to_value(item)); }

  bool is_cancelled() const { return call_->is_cancelled(); }

  // Resumes when nobody wants more items.
  runtime::Awaitable<void> cancelled() const { return call_->cancelled(); }

 private:
  std::shared_ptr<MethodCall> call_;
};

// A stream that the client uploads.
template <class T>
class StreamReader {
 public:
  explicit StreamReader(std::shared_ptr<Upload> upload) : upload_(std::move(upload)) {}

  // The next item, or nothing after the last one. Throws HubException when the client ends the stream with an error or
  // disconnects, and when an item is not a T.
  runtime::Awaitable<std::optional<T>> read() const { return read_from(upload_); }

 private:
  static runtime::Awaitable<std::optional<T>> read_from(std::shared_ptr<Upload> upload) {
    const std::optional<Value> item = co_await upload->read();
    if (!item) co_return std::nullopt;
    std::optional<T> converted(std::in_place);
    const bool fits = from_value(*item, *converted);
    if (!fits) throw HubException("An item of the stream is not of the expected type.");
    co_return converted;
  }

  std::shared_ptr<Upload> upload_;
};

}  // namespace signalr
