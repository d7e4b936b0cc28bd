// One leg of `bench fanout`: a server of its own or a running one, the clients on it, and the resources that both used.
// Blocks its caller and leaves no process and no folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/fanout/swarm.h"

namespace message_service::bench {

struct FanoutLoad {
  std::uint32_t clients = 5000;
  std::uint32_t stuck = 0;
  std::uint32_t conversations = 1;
  double rate = 15;
  double duration_s = 10;
  std::size_t content_bytes = 100;
  HubProtocolKind protocol = HubProtocolKind::json;
  bool compress = false;
  bool signed_in = false;  // on a server of the leg's own
  bool quiet = false;
};

struct FanoutResult {
  SwarmCounts counts;
  std::optional<double> server_cpu_s, rss_before_bytes, rss_joined_bytes, rss_after_bytes;
  std::optional<double> slow_clients_closed;  // as the server counts them
  double generator_cpu_s = 0;

  std::optional<double> cpu_us_per_delivery() const;
  std::optional<double> bytes_per_connection() const;
  double deliveries_per_s() const;
  // True when every message arrived once and in order, no post failed, and the server closed exactly the stuck clients.
  bool is_complete(std::uint32_t stuck) const;
};

struct HubLegPlan {
  FanoutLoad load;
  std::string url;  // of a running server; empty: one is started
  std::string owned_host, server_program, temp_folder, label;
};

struct HubLeg {
  FanoutResult result;
  std::vector<std::string> frames;  // the frame that a client got for each message
};

base::Result<HubLeg> run_hub_leg(const HubLegPlan& plan);

// The same clients on a server that loops `write` over them, with these frames.
base::Result<FanoutResult> run_bare_leg(const HubLegPlan& plan, const std::vector<std::string>& frames);

}  // namespace message_service::bench
