// A client as delivery sees it: one connection of a transport. The transport owns it. The client outlives its
// subscriptions. On the thread of its shard.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "pipeline/deliver/announcement.h"

namespace message_service {

class Subscriber : public std::enable_shared_from_this<Subscriber> {
 public:
  virtual ~Subscriber() = default;

  // Sends the announcement, or closes a client that reads too slowly.
  virtual void send(const Announcement& announcement) = 0;

  // Sends the announcement; when there is no room for it just now, sends nothing and returns false.
  virtual bool offer(const Announcement& announcement) = 0;

  // The bytes that the client has yet to read.
  virtual std::size_t egress_bytes() const = 0;

  // Closes a client that has had time enough.
  virtual void close_as_slow() = 0;

  virtual bool is_open() const = 0;

  // The person who is signed in; empty without sign-in.
  virtual std::string person() const = 0;

  // The person was removed: delivery sends nothing more of the conversation.
  virtual void removed_from(const std::string& conversation_id) = 0;
};

}  // namespace message_service
