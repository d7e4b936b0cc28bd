// A client that polls: messages for it wait for its next GET, and it sends by POST.
//
// Between polls the client has no connection at all. A client that does not poll again within the disconnect timeout
// has ended. A closed one stays until the answer to a poll has reported the end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/codec/message.h"
#include "signalr/connection/inbox.h"
#include "signalr/connection/transport_connection.h"

namespace signalr {

class LongPollingConnection final : public TransportConnection {
 public:
  LongPollingConnection(runtime::Shard& shard, std::string id, OpeningRequest opening, const TransportOptions& options);

  // One GET that waits, made on the shard where it arrived.
  struct Poll {
    std::function<void(bool)> wake;
    bool given_up = false;  // its client has disconnected, or has sent another poll
  };

  // Answers a poll. The very first one only opens the transport and is answered at once. A later one is answered when
  // there is something to report. An older poll that still waits is answered with 204.
  runtime::Awaitable<http::Response> poll(std::shared_ptr<Poll> poll);

  // The client of a poll has disconnected.
  void give_up(Poll& poll);

  // The client asks for the end (DELETE). A poll that may be on its way gets 204 if it arrives soon. A client that asks
  // again has no poll on its way: the connection ends at once.
  void terminate();

  runtime::Awaitable<Arrival> read(std::string& input) override;
  void begin_with(std::string bytes, Room room) override { inbox_.put(std::move(bytes), std::move(room)); }
  bool receive(std::string bytes, Room room) override { return inbox_.put(std::move(bytes), std::move(room)); }
  bool send(runtime::SharedBytes bytes, bool bounded) override;
  void flush() override {}
  std::size_t egress_bytes() const override { return egress_bytes_; }
  void drop_egress() override;
  void close(bool failed) override;
  void abort() override;
  bool is_open() const override { return !closing_; }
  runtime::Awaitable<void> finish() override;
  void tick(base::SteadyTime now) override;
  void discard() override;

 private:
  http::Response answer();
  http::Response take_egress();
  http::Response tell_end();
  void wake_poll();

  const TransportOptions& options_;
  Inbox inbox_;
  std::vector<runtime::SharedBytes> egress_;
  std::size_t egress_bytes_ = 0;
  std::shared_ptr<Poll> waiting_;
  std::function<void(bool)> finished_;
  bool opened_ = false;
  bool closing_ = false;
  bool end_told_ = false;
  bool terminated_ = false;
  std::chrono::milliseconds patience_;  // with a client that has no poll here
  base::SteadyTime seen_at_;            // when the client last had one
};

}  // namespace signalr
