// Every setting of the service: the parts' own Options, where defaults and bounds stand, and what no part has for
// itself.
//
// Values: load() makes them once at start, and each part gets a copy of its own. The keys and help texts are declared
// once, in schema.cc, each bound to its members here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "access/conversation_policy.h"
#include "access/membership.h"
#include "access/options.h"
#include "access/rate_limits.h"
#include "access/revocations.h"
#include "adapters/embedded/embedded.h"
#include "adapters/kafka/options.h"
#include "adapters/mongodb/mongodb.h"
#include "api/admission_control.h"
#include "base/bounds.h"
#include "canary/canary.h"
#include "http/server/server.h"
#include "logging/logging.h"
#include "otlp/exporter.h"
#include "pipeline/accept/ingress.h"
#include "pipeline/conversations/conversation_directory.h"
#include "pipeline/deliver/shard_delivery.h"
#include "pipeline/persist/persister.h"
#include "pipeline/views/view_verifier.h"
#include "signalr/hub/endpoint.h"
#include "tracing/sampler.h"

namespace message_service::config {

enum class EventLog { embedded, kafka };
enum class MessageStore { embedded, mongodb };

struct Providers {
  EventLog event_log = EventLog::embedded;
  MessageStore message_store = MessageStore::embedded;
};

// Texts that options of the server are made of, see derive().
struct Web {
  std::string urls = "http://127.0.0.1:5005";
  std::string management_urls;              // none: the same addresses
  std::string allowed_hosts = "*";          // separated by ';'
  std::vector<std::string> known_proxies;   // IP addresses
  std::vector<std::string> known_networks;  // ADDRESS/BITS
  std::size_t forward_limit = 1;
  std::vector<std::string> allowed_origins;
};

// Texts in the forms of OpenTelemetry's variables.
struct Traces {
  bool disabled = false;
  std::string headers;              // "name=value,name=value", see parse_pairs()
  std::string resource_attributes;  // the same
  std::string service_name;         // empty: service.name of these, or message-service
  tracing::SamplerKind sampler = tracing::SamplerKind::parent_always_on;
  std::string sampler_ratio = "1";  // from 0 to 1
};

struct Process {
  std::size_t threads = 0;  // for requests; 0: one a core
  static constexpr base::Bounds<std::size_t> threads_bounds{0, 1024};
  std::size_t persisters = 0;  // of this node; 0: as many as pay
  static constexpr base::Bounds<std::size_t> persisters_bounds{0, 64};
  std::size_t store_queue_max = 16'384;  // questions to the store that wait for a thread
  static constexpr base::Bounds<std::size_t> store_queue_bounds{1, 1'000'000};
  std::uint64_t memory_bytes_max = 0;  // 0: a part of the memory of the control group or the machine
  static constexpr base::Bounds<std::uint64_t> memory_bytes_bounds{0, std::uint64_t{64} << 40};
  std::string cgroup_root = "/sys/fs/cgroup";
  std::chrono::milliseconds shutdown_timeout = std::chrono::seconds(10);
  static constexpr base::Bounds<std::chrono::milliseconds> shutdown_timeout_bounds{std::chrono::milliseconds(100),
                                                                                   std::chrono::minutes(10)};
  std::chrono::milliseconds shutdown_delay{0};  // not ready, and still taking requests
  static constexpr base::Bounds<std::chrono::milliseconds> shutdown_delay_bounds{std::chrono::milliseconds(0),
                                                                                 std::chrono::minutes(10)};
  std::chrono::milliseconds reconnect_within = std::chrono::seconds(2);  // clients that are told come back within this
  static constexpr base::Bounds<std::chrono::milliseconds> reconnect_within_bounds{std::chrono::milliseconds(0),
                                                                                   std::chrono::minutes(10)};
  std::vector<std::string> demo_conversations;  // ids, created at start when missing
  bool system_entries = false;                  // changes of participants are shown among the messages
  bool noop_route = false;                      // for the bench
  int record_version = 0;                       // for tests; 0: the program's own
  static constexpr base::Bounds<int> record_version_bounds{0, 999};
};

// The defaults of the service's hub are the library's but for these.
inline signalr::EndpointOptions hub_defaults() {
  signalr::EndpointOptions options;
  options.connection.message_pack_names = signalr::PropertyNames::camel_case;
  options.connections.allow_stateful_reconnect = true;
  options.connections.connections_max = http::ServerOptions().connections_max;
  return options;
}

// The same for the server: ASP.NET Core's 30 days of HSTS.
inline http::ServerOptions server_defaults() {
  http::ServerOptions options;
  options.session.hsts_max_age = std::chrono::hours(24 * 30);
  return options;
}

struct Settings {
  Providers providers;
  Web web;
  Process process;

  embedded::Options embedded;
  kafka::Options kafka;
  mongodb::Options mongodb;

  access::Options access;
  access::Membership::Options membership;
  access::ConversationPolicy::Options conversation_policy;
  access::RateLimitOptions rate_limits;
  access::Revocations::Options revocations;

  ConversationDirectory::Options conversations;
  Ingress::Options ingress;
  Persister::Options persister;
  DeliveryOptions delivery;
  Canary::Options canary;
  ViewVerifier::Options views;

  api::AdmissionControl::Options admission;
  http::ServerOptions server = server_defaults();
  signalr::EndpointOptions hub = hub_defaults();
  logging::Options logging;
  Traces traces;
  otlp::ExporterOptions trace_exporter;

  // Of a message, for every part that takes one.
  const Limits& limits() const { return ingress.limits; }
  // The highest version of records that this node reads.
  int reads_records() const { return embedded.reads_records; }
};

// Fills the options that follow from other settings, which must be without mistakes.
void derive(Settings& settings);

}  // namespace message_service::config
