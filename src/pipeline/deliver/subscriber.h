// A client as delivery sees it: one connection of a transport. The transport owns it, and it outlives its
// subscriptions. On the thread of its shard.
#pragma once

#include <cstddef>
#include <memory>

#include "pipeline/deliver/announcement.h"

namespace message_service {

class Subscriber : public std::enable_shared_from_this<Subscriber> {
 public:
  virtual ~Subscriber() = default;

  // Sends it. A client that reads too slowly is closed instead.
  virtual void send(const Announcement& announcement) = 0;

  // The same, but false, with nothing sent, when there is no room for it just now.
  virtual bool offer(const Announcement& announcement) = 0;

  // What waits to be read by the client.
  virtual std::size_t egress_bytes() const = 0;

  // Ends a client that has been given time enough.
  virtual void close_as_slow() = 0;

  virtual bool is_open() const = 0;
};

}  // namespace message_service
