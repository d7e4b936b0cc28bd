// What a client has POSTed and its connection has not read yet. On one shard only.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/executors/shard.h"

namespace message_service::signalr {

class Inbox {
 public:
  Inbox(Shard& shard, std::size_t bytes_max) : shard_(shard), bytes_max_(bytes_max) {}

  // What was there before anybody reads or writes.
  void begin_with(std::string bytes) { bytes_ = std::move(bytes); }

  // Takes the bytes, and resumes when there is room for more. False when the inbox is closed.
  Awaitable<bool> put(std::string bytes);

  // Waits for bytes and appends them to `input`. False when the inbox is closed and empty. One reader.
  Awaitable<bool> take(std::string& input);

  // What is there can still be taken.
  void close();

  // Forgets who waits, without waking them.
  void discard();

 private:
  using Wake = std::function<void(bool)>;
  void wake_writers();

  Shard& shard_;
  const std::size_t bytes_max_;
  std::string bytes_;
  bool closed_ = false;
  Wake reader_;
  std::vector<Wake> writers_;
};

}  // namespace message_service::signalr
