// Every connection of an endpoint by its token, from negotiation to the end. Any thread: a client's requests arrive at
// any shard.
#pragma once

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "signalr/connection/transport_connection.h"
#include "signalr/protocol/negotiate.h"

namespace signalr {

class Registry : public std::enable_shared_from_this<Registry> {
 public:
  struct Limits {
    std::chrono::milliseconds lifetime;  // of a connection without a transport
    std::size_t connections_max;
    std::size_t posted_bytes_max;  // of a client's POSTs that its connection has not read
  };
  explicit Registry(const Limits& limits) : limits_(limits) {}

  struct Entry {
    std::string connection_id;
    std::string user_id;                               // empty: nobody has signed in
    bool stateful = false;                             // the client may ask to number messages
    std::shared_ptr<TransportConnection> transport{};  // null: no transport is open yet
  };

  // False when there are too many connections, or one address has too many without a transport. A connection expires
  // when its client opens no transport in time, and earlier while connections without a transport take more than half
  // of all places.
  bool add(const ConnectionIds& ids, Entry entry, const boost::asio::ip::address& address, base::SteadyTime now);

  std::optional<Entry> find(const std::string& token) const;

  // Keeps a connection's place as long as it is held. It may outlive the registry's owner.
  using Lease = std::shared_ptr<void>;

  // Reserves space for bytes that a client may have POSTed, as long as somebody holds it. Any thread.
  using Room = std::shared_ptr<void>;
  using RoomDone = std::function<void(Room)>;
  static constexpr std::size_t kRoomBytes = 128;  // the cost of a room itself, and so of an empty POST

  // Calls `done` once, on any thread, when the server may read a body of that many bytes: at once, or after the
  // connection has read the POSTs before it. Null: there is no such connection, or it has ended.
  void make_room(const std::string& token, std::size_t body_bytes, RoomDone done);

  // Keeps a POST for the transport that will be opened. False: the token is unknown, or a transport is open now and can
  // take the POST.
  bool post_early(const std::string& token, std::string_view bytes, Room room);

  // Makes `transport` the connection of a token that has none, and gives it the POSTs that arrived before. Null: the
  // token is unknown, or another transport was first.
  Lease open(const std::string& token, std::shared_ptr<TransportConnection> transport);

  // For a client that has not negotiated: nobody can find its connection. Null: too many connections.
  Lease open_unnamed();

  // Open transports.
  std::size_t size() const { return open_; }
  bool is_full() const { return open_ >= limits_.connections_max; }

  // Drops the connections that have waited too long for a transport; by default all that have none. Returns how many.
  std::size_t sweep(base::SteadyTime now = base::SteadyTime::max());

  // Forgets every POST that waits, without waking it: the shards have stopped for good.
  void discard();

 private:
  struct Waiting {
    std::size_t bytes;
    RoomDone done;
  };
  struct Granted {
    RoomDone done;
    Room room;
  };
  struct Posts {
    std::size_t bytes = 0;        // that rooms reserve
    std::deque<Waiting> waiting;  // for room
    std::string early;            // POSTed before a transport was open
    std::vector<Room> early_rooms;
  };
  using Unopened = std::list<const std::string*>;  // the tokens
  struct Place {
    Entry entry;
    std::uint64_t origin;
    base::SteadyTime expires_at;     // while there is no transport
    Unopened::iterator unopened{};   // the same
    std::unique_ptr<Posts> posts{};  // null: it has not POSTed yet
  };
  // Posts of removed connections: they are destroyed outside the lock.
  using Gone = std::vector<std::unique_ptr<Posts>>;

  bool has_place_for(std::uint64_t origin) const;
  std::chrono::milliseconds forgone_lifetime() const;
  bool fits(const Place& place, std::size_t bytes) const;
  Room grant(const std::string& token, Place& place, std::size_t bytes);
  std::vector<Granted> let_in(const std::string& token, Place& place);
  void give_back(const std::string& token, std::size_t bytes);
  void leave_unopened(Place& place);
  static void tell_gone(Gone& gone);
  Lease lease(std::string token);
  void forget(const std::string& token);

  const Limits limits_;
  std::atomic<std::size_t> open_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Place> places_;  // by token
  Unopened unopened_;                              // places without a transport, in the order in which they expire
  std::unordered_map<std::uint64_t, std::size_t> unopened_by_origin_;
};

}  // namespace signalr
