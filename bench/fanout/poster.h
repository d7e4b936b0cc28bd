// Posts a fan-out run's messages at fixed times over one connection of its own, one request at a time. A late request
// counts from its due time. The swarm owns it and uses it on the swarm's thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bench/fanout/sockets.h"
#include "bench/response_parser.h"
#include "bench/schedule.h"

namespace message_service::bench {

class Poster {
 public:
  struct Plan {
    boost::asio::ip::tcp::endpoint endpoint;
    std::string authority;
    std::uint32_t conversations;
    std::string token{};  // empty: none
    std::size_t content_bytes;
    double rate;
    std::uint64_t messages;
  };

  explicit Poster(Plan plan) : plan_(std::move(plan)), accepted_by_(plan_.conversations) {}

  base::Result<void> open();
  int socket() const { return socket_.number(); }

  void begin(base::SteadyTime start) { schedule_.emplace(start, plan_.rate, 0, 1); }

  // Posts the next message when it is due and the one before is answered.
  void pump(base::SteadyTime now);
  // Reads the answer.
  void receive();

  // The time at which message n is due.
  base::SteadyTime due_at(std::uint64_t n) const { return schedule_->intended(n); }
  bool is_posting() const { return next_ < plan_.messages && !broken_; }
  bool is_done() const { return !is_posting() && !in_flight_; }
  bool is_free() const { return !in_flight_; }
  std::uint64_t next() const { return next_; }

  // The posts answered with 2xx, and all other posts.
  const std::vector<std::uint64_t>& accepted_by_conversation() const { return accepted_by_; }
  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t failed() const { return failed_ + (broken_ ? plan_.messages - next_ : 0); }

 private:
  void finish(bool accepted);

  const Plan plan_;
  Descriptor socket_;
  ResponseParser parser_;
  std::optional<Schedule> schedule_;
  std::uint64_t next_ = 0;
  bool in_flight_ = false;
  bool broken_ = false;
  std::vector<std::uint64_t> accepted_by_;
  std::uint64_t accepted_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace message_service::bench
