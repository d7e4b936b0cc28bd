// One load against one server, from the first connection to the last answer: the heart of `bench http` and of every leg
// of `bench compare`. run_load() blocks its caller, starts the worker threads and joins them before it returns.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bench/tally.h"
#include "bench/target.h"
#include "http/client/client.h"

namespace message_service::bench {

// How to load; the same for every leg of a comparison.
struct LoadOptions {
  std::optional<double> rate;  // requests a second, open loop; none: closed loop
  double duration_s = 10;
  double warmup_s = 1;
  std::uint32_t conversations = 100;
  std::uint32_t content_bytes = 100;
  std::uint32_t threads = 1;
  double timeout_s = 10;
  std::uint64_t max_requests = 100'000'000;
  bool keys = false;   // an Idempotency-Key for each message
  bool quiet = false;  // no progress lines
  // For a server with sign-in; empty: none.
  std::string token;           // of the sender of the messages, "bench-sender"
  std::string operator_token;  // makes the conversations and reads the server's figures
  std::string ca_file;         // PEM: whom to believe by https; empty: the system's list
};

struct LoadPlan {
  LoadOptions options;
  http::ServerAddress target;
  std::uint32_t connections = 64;
  std::string path;   // empty: the message route
  std::string label;  // at the start of the progress line
};

// The work done and its cost at one moment. A server under load takes a while to answer, so the server's figures have a
// count of their own.
struct UsageSample {
  base::SteadyTime at{};
  std::uint64_t answered = 0;
  double generator_cpu_s = 0;
  std::uint64_t answered_at_server = 0;
  std::optional<double> server_cpu_s;
  std::optional<double> server_rss_bytes;
};

struct LoadResult {
  Tally tally;
  std::uint64_t accepted = 0;  // answered as expected during the whole run, warm-up included
  UsageSample before, after;   // of the measured window
  std::optional<double> server_rss_peak_bytes;
  bool interrupted = false;

  std::uint64_t answered() const { return after.answered - before.answered; }
  double measured_s() const { return base::seconds_between(before.at, after.at); }
  double rate() const;
  std::optional<double> server_cpu_us_per_message() const;
  double generator_cpu_us_per_message() const;
};

// Who is in a conversation beside the sender.
using Others = std::function<std::vector<std::string>(std::uint32_t conversation)>;

// Makes the bench's conversations on the server by this client; uses conversations that exist already.
base::Result<void> create_conversations(http::Client& client, std::uint32_t count, const Others& others = {});

// Returns an error only when the load could not begin; counts later failures.
base::Result<LoadResult> run_load(const LoadPlan& plan);

}  // namespace message_service::bench
