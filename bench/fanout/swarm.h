// The clients of a fan-out run: opens thousands of WebSockets, joins, posts at fixed times, and counts the deliveries.
//
// One thread and one epoll serve all clients, because the swarm shares the machine with the server that it measures:
// one system call a delivery, nothing allocated. The leg owns the swarm and calls the functions in their order; each
// blocks until it is done.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bench/fanout/people.h"
#include "bench/fanout/poster.h"
#include "bench/fanout/server_frames.h"
#include "bench/fanout/sockets.h"
#include "bench/histogram.h"
#include "bench/progress.h"

namespace message_service::bench {

struct SwarmPlan {
  boost::asio::ip::tcp::endpoint endpoint;
  std::string authority;
  std::uint32_t clients = 0;
  std::uint32_t stuck = 0;  // additional clients that join and then read nothing
  std::uint32_t conversations = 1;
  HubProtocolKind protocol = HubProtocolKind::json;
  std::size_t content_bytes = 0;
  double rate = 0;
  double duration_s = 0;
  bool compress = false;
  People people{};    // without tokens: the server has no sign-in
  bool bare = false;  // the server has no hub: a connected client gets everything
  std::string label;
  bool quiet = false;
};

// The counts of all clients.
struct SwarmCounts {
  std::uint32_t joined = 0;
  std::uint32_t closed = 0;  // by the server, or broken
  std::uint64_t deliveries = 0;
  std::uint64_t delivered_bytes = 0;  // of their frames
  std::uint64_t expected = 0;
  std::uint64_t doubled = 0;
  std::uint64_t gaps = 0;  // a sequence did not follow the one before
  std::uint32_t stuck_closed = 0;
  std::uint64_t messages = 0, failed_posts = 0;
  double seconds = 0;  // from the first message to the last delivery
  Histogram latency;

  std::uint64_t missing() const { return expected - std::min(expected, deliveries - doubled); }
};

class Swarm {
 public:
  explicit Swarm(SwarmPlan plan);

  // Returns when all clients have joined, or returns an error that names the obstacle.
  base::Result<void> connect();
  // Posts for the duration and waits until all is delivered, or until nothing has arrived for a while.
  base::Result<void> run();
  // Lets the stuck clients read their waiting bytes: the server should have closed them.
  void read_stuck();

  const SwarmCounts& counts() const { return counts_; }
  // The frame of each message as a client got it, by the message's number.
  const std::vector<std::string>& frames() const { return frames_; }

 private:
  enum class Stage : std::uint8_t { connecting, upgrading, shaking, joining, joined, closed };
  struct Client {
    Descriptor socket;
    Stage stage = Stage::connecting;
    std::uint64_t last_sequence = 0;
    std::string rest;  // the beginning of an incomplete answer or frame
  };

  bool is_stuck(std::size_t index) const { return index >= plan_.clients; }
  std::uint32_t conversation_of(std::size_t index) const {
    return static_cast<std::uint32_t>(index % plan_.conversations);
  }
  std::string_view token_of(std::size_t index) const {
    return plan_.people.clients.empty() ? std::string_view() : plan_.people.clients[index];
  }
  base::Result<void> open_next();
  void wait_for_events(base::SteadyTime until);
  void on_event(std::uint64_t tag);
  void on_connected(std::size_t index);
  void receive(std::size_t index);
  void take(std::size_t index, std::string_view& input);
  bool take_answer(std::size_t index, std::string_view& input);
  void take_frames(std::size_t index, std::string_view& input);
  void deliver(Client& client, const ServerFrame& frame);
  void joined(std::size_t index);
  void close(Client& client);
  std::uint64_t expected() const;
  void show(base::SteadyTime now);

  const SwarmPlan plan_;
  Descriptor epoll_;
  std::vector<Client> clients_;
  std::size_t opened_ = 0;
  std::string problem_;  // of the first client that could not join
  Poster poster_;
  DeliveryReader reader_;
  SwarmCounts counts_;
  base::SteadyTime started_{}, last_delivery_{};
  std::vector<std::string> frames_;
  std::vector<std::uint64_t> members_;  // of each conversation, without the stuck clients
  ProgressLine progress_;
  base::SteadyTime next_second_{};
  std::uint64_t shown_ = 0;
  std::array<char, std::size_t{64} << 10> buffer_;
};

}  // namespace message_service::bench
