// Bytes that a client has POSTed and its connection has not read yet. On one shard only. The caller of put() makes room
// for them first (Registry::make_room()); the inbox holds that room until the reader is done with the bytes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "signalr/connection/transport_connection.h"

namespace signalr {

class Inbox {
 public:
  explicit Inbox(runtime::Shard& shard) : shard_(shard) {}

  // False when the inbox is closed.
  bool put(std::string bytes, TransportConnection::Room room);

  // Waits for bytes and appends them to `input`. A call means that the reader is done with the bytes that it took
  // before. False when the inbox is closed and empty. One reader.
  runtime::Awaitable<bool> take(std::string& input);

  // The reader can still take the bytes that are there.
  void close();

  // Forgets the reader that waits, without waking it.
  void discard();

 private:
  using Wake = std::function<void(bool)>;
  void wake_reader();

  runtime::Shard& shard_;
  std::string bytes_;
  std::vector<TransportConnection::Room> rooms_;  // of bytes_
  std::vector<TransportConnection::Room> taken_;  // of the bytes that the reader works on
  bool closed_ = false;
  Wake reader_;
};

}  // namespace signalr
