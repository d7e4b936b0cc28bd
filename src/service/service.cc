#include "service/service.h"

#include <thread>
#include <utility>

#include "access/access.h"
#include "api/dead_letter_routes.h"
#include "api/message_hub.h"
#include "api/message_routes.h"
#include "api/node_routes.h"
#include "api/participant_routes.h"
#include "api/revocation_routes.h"
#include "api/view_routes.h"
#include "http/server/server.h"
#include "logging/logging.h"
#include "observe/metrics.h"
#include "pipeline/deliver/fanout.h"
#include "pipeline/persist/persister.h"
#include "pipeline/versions/version_gate.h"
#include "runtime/blocking_pool.h"
#include "service/admin_token.h"
#include "service/backends.h"
#include "service/backup_worker.h"
#include "service/demo_conversations.h"
#include "service/exposure.h"
#include "service/figures.h"
#include "service/http_observer.h"
#include "service/hub_observer.h"
#include "service/later_log_writer.h"
#include "service/memory_guard.h"
#include "service/metric_labels.h"
#include "service/node_card.h"
#include "service/open_files.h"
#include "service/page_routes.h"
#include "service/sign_in.h"
#include "service/start_canary.h"
#include "service/tracing.h"
#include "signalr/hub/endpoint.h"
#include "telemetry/memory_use.h"

namespace message_service::service {

namespace {

constexpr std::size_t kBlockingThreads = 4;
constexpr int kTicksBetweenSamples = 2;   // of the memory in use
constexpr std::uint64_t kSlowShare = 16;  // of Limits:HubEgressBytes: a queue above this part is too long then

// Sleeps in small steps.
template <class Condition>
void wait_until(base::SteadyTime deadline, Condition condition) {
  while (!condition() && base::SteadyClock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace

// In the order of a message's way. Members are destroyed in reverse.
struct Service::Parts {
  Parts(const config::Settings& its_settings, const Roles& its_roles, std::unique_ptr<Metrics> its_metrics,
        std::unique_ptr<Backends> opened)
      : settings(its_settings),
        roles(its_roles),
        owned_metrics(std::move(its_metrics)),
        metrics(*owned_metrics),
        tracing(settings, metrics),
        backends(std::move(opened)),
        gate(backends->versions(), node_card(settings, roles), [this] { return waits(); }),
        later_log(make_later_log()),
        log(later_log ? *later_log : backends->log_writer()),
        blocking_pool(kBlockingThreads, settings.process.store_queue_max),
        blocking([this](std::function<void()> work) { return blocking_pool.submit(std::move(work)); }),
        shards(settings.process.threads),
        conversations(backends->store_reader(), blocking, settings.conversations),
        ingress({.log = log,
                 .store = backends->store(),
                 .events = backends->event_log(),
                 .store_reader = backends->store_reader(),
                 .blocking = blocking,
                 .backlog = &backlog,
                 .traces = tracing.messages()},
                conversations, settings.ingress),
        memory(memory_limit(settings.process), memory_steps(), metrics),
        rate_limits(settings.rate_limits,
                    [this](access::Limit limit, bool refused) {
                      (refused ? metrics.rate_limited : metrics.rate_limit_dry_run).with(to_text(limit)).increment();
                    }),
        admission(ingress, rate_limits, metrics, shards, admission_options()),
        delivery(shards,
                 {.conversations = conversations,
                  .store = backends->store_reader(),
                  .blocking = blocking,
                  .backlog = backlog,
                  .announcements = announcements,
                  .catch_up_retried = [counter = metrics.hub_catch_up_retries] { counter.increment(); },
                  .traces = tracing.messages()},
                 settings.delivery),
        membership(backends->store_reader(), blocking, settings.membership),
        conversation_policy(membership, settings.conversation_policy),
        views(backends->store_reader(), metrics, settings.views),
        hub(shards, admission, delivery, conversation_policy, rate_limits, views, tracing.messages(),
            {.limits = settings.limits(), .reconnect_within = settings.process.reconnect_within}),
        revocations(backends->store(), backends->store_reader(), settings.revocations, [this] { end_revoked(); }),
        cors(settings.web.allowed_origins),
        endpoint(shards, hub.hub(), cors, hub_endpoint_options(), hub_observer(metrics)),
        routes({admission, ingress, conversations, conversation_policy, backends->store_reader(), backends->store(),
                blocking, settings.limits(), settings.process.system_entries, tracing.messages()}),
        participant_routes({admission, conversation_policy, backends->store_reader(), gate, blocking, settings.limits(),
                            tracing.messages()}),
        dead_letters(backends->store_reader(), backends->event_log(), log),
        router(http_observer),
        server(shards, router, cors, http_options()) {
    if (roles.persister) {
      for (LogReader* reader : backends->log_readers()) {
        persisters.push_back(std::make_unique<Persister>(
            Persister::Parts{*reader, backends->log_writer(), backends->event_log(), backends->store(),
                             backends->store_reader(), conversations, metrics, record_versions(), tracing.messages()},
            persister_options()));
      }
    }
    shards[0].on_tick([this, ticks = 0]() mutable {
      if (++ticks % kTicksBetweenSamples != 0) return;
      memory.watch(base::SteadyClock::now(), [this] { blocking(telemetry::return_free_memory); });
    });
    if (roles.hub) fanout = std::make_unique<Fanout>(backends->event_source(), delivery, metrics);
  }

  // The gate's thread asks the persisters, which are destroyed before the gate.
  ~Parts() { gate.stop(); }

  std::unique_ptr<LogWriter> make_later_log() {
    const int version = settings.reads_records();
    if (version == kRecordVersion) return nullptr;
    return std::make_unique<LaterLogWriter>(backends->log_writer(), gate, version);
  }

  RecordVersions record_versions() {
    return {.reads = settings.reads_records(), .allowed = [this] { return backends->versions().allowed(); }};
  }

  // Of all persisters, for people.
  std::vector<std::string> waits() const {
    std::vector<std::string> texts;
    for (const auto& persister : persisters) {
      for (const WaitingPartition& waiting : persister->waiting()) texts.push_back(to_text(waiting));
    }
    return texts;
  }

  // What only the running parts know is put into the options here.
  Persister::Options persister_options() const {
    Persister::Options options = settings.persister;
    options.store_name = backends->store_name();
    options.empties_log = backends->owns_log();
    return options;
  }

  api::AdmissionControl::Options admission_options() const {
    api::AdmissionControl::Options options = settings.admission;
    options.memory_short = &memory.is_short();
    return options;
  }

  http::ServerOptions http_options() const {
    http::ServerOptions options = settings.server;
    options.descriptors_max = connections_with_descriptors(settings);
    options.blocking = blocking;
    return options;
  }

  signalr::EndpointOptions hub_endpoint_options() const {
    signalr::EndpointOptions options = settings.hub;
    options.connections.takes_more = [this] { return !memory.is_short(); };
    if (settings.access.mode == access::Mode::jwt) require_sign_in(options.connections);
    return options;
  }

  MemoryGuard::Steps memory_steps();
  void add_routes();
  base::Result<void> start_sign_in();
  void end_revoked();
  std::string persister_problem() const;
  void refresh_metrics();

  const config::Settings settings;
  const Roles roles;
  std::unique_ptr<Metrics> owned_metrics;
  Metrics& metrics;
  Tracing tracing;
  std::unique_ptr<Backends> backends;
  VersionGate gate;
  std::unique_ptr<LogWriter> later_log;
  LogWriter& log;
  runtime::BlockingPool blocking_pool;
  base::BlockingExecutor blocking;
  runtime::Shards shards;
  ConversationDirectory conversations;
  ConversationBacklog backlog;
  Ingress ingress;
  std::vector<std::unique_ptr<Persister>> persisters;
  MemoryGuard memory;
  access::RateLimits rate_limits;
  api::AdmissionControl admission;
  const api::HubAnnouncements announcements{settings.process.system_entries};
  Delivery delivery;
  access::Membership membership;
  const access::ConversationPolicy conversation_policy;
  ViewVerifier views;
  api::MessageHub hub;
  std::unique_ptr<Fanout> fanout;
  std::unique_ptr<Canary> canary;
  access::Revocations revocations;
  std::unique_ptr<SignIn> sign_in;
  http::CorsPolicy cors;
  signalr::HubEndpoint endpoint;
  api::MessageRoutes routes;
  api::ParticipantRoutes participant_routes;
  DeadLetterService dead_letters;
  api::DeadLetterRoutes admin_routes{dead_letters, blocking};
  std::unique_ptr<BackupWorker> backups;  // of a node with a data folder
  std::vector<Dependency> dependencies;   // written before the server listens
  HttpObserver http_observer{metrics};
  http::Router router;
  http::Server server;
  std::chrono::milliseconds stop_delay = settings.process.shutdown_delay;
  std::chrono::milliseconds stop_timeout = settings.process.shutdown_timeout;
  std::atomic<bool> stopping = false;
};

// Ticks call the steps, after every part that the steps name is made.
MemoryGuard::Steps Service::Parts::memory_steps() {
  return {.unopened =
              [this](const telemetry::Counter& dropped) {
                dropped.increment(static_cast<double>(endpoint.drop_unopened()));
              },
          .idle =
              [this](const telemetry::Counter& dropped) {
                server.end_idle([dropped](std::size_t ended) { dropped.increment(static_cast<double>(ended)); });
              },
          .caches =
              [this](const telemetry::Counter& dropped) {
                dropped.increment();
                blocking([this] {
                  conversations.forget_half();
                  backends->drop_caches();
                });
              },
          .slow_queues =
              [this](const telemetry::Counter& dropped) {
                dropped.increment();
                endpoint.drop_slow(settings.hub.connections.transport.egress_bytes_max / kSlowShare);
              }};
}

void Service::Parts::add_routes() {
  if (roles.api) {
    routes.add_to(router);
    participant_routes.add_to(router);
  }
  add_page_routes(router, roles.api);
  if (roles.hub) endpoint.add_routes(router, "/hubs/messages", access::kHub);
  if (settings.process.noop_route) add_noop_route(router);
  dependencies = backends->dependencies();
  dependencies.insert(dependencies.begin(), {"service", [this] { return std::string(stopping ? "is stopping" : ""); }});
  if (auto asked = sign_in->dependency()) dependencies.push_back(std::move(*asked));
  dependencies.push_back({"versions", [this] { return gate.problem(); }});
  if (roles.persister) dependencies.push_back({"persister", [this] { return persister_problem(); }, !roles.api});
  add_health_routes(router, dependencies);
  add_metrics_route(router, metrics, [this] { refresh_metrics(); });
  api::add_node_routes(router, backends->versions(), blocking);
  add_access_route(router, hub.hub());
}

// Who has the data folder's token is an operator, as commands are on the folder that only this process can open.
// Without it and without sign-in nobody is, and there are no routes for operators.
base::Result<void> Service::Parts::start_sign_in() {
  std::string admin_token;
  if (uses_data_folder(settings.providers)) {
    auto token = write_admin_token(settings.embedded.data_directory);
    if (!token) return token.error();
    admin_token = std::move(*token);
    backups = std::make_unique<BackupWorker>(*backends, router);
  }
  if (!admin_token.empty() || settings.access.mode == access::Mode::jwt) {
    admin_routes.add_to(router);
    api::add_view_routes(router, views);
  }
  auto started = SignIn::start(settings.access, std::move(admin_token), rate_limits, revocations);
  if (!started) return started.error();
  sign_in = std::move(*started);
  if (settings.access.mode == access::Mode::jwt) {
    revocations.start();
    api::add_revocation_routes(router, revocations, blocking, settings.limits());
  }
  sign_in->install(router);
  return {};
}

void Service::Parts::end_revoked() {
  endpoint.end_if([this](const http::Principal& principal) {
    return revocations.has(static_cast<const access::Identity&>(principal));
  });
}

// A node that takes requests keeps working: the messages that it accepts wait in the log.
std::string Service::Parts::persister_problem() const {
  std::string text;
  for (const std::string& wait : waits()) text.append(text.empty() ? "this program is too old: " : "; ").append(wait);
  return text;
}

void Service::Parts::refresh_metrics() {
  show_readiness(metrics, dependencies);
  show_clock(metrics);
  if (uses_data_folder(settings.providers)) show_disk(metrics, settings.embedded.data_directory);
  if (roles.persister) show_partitions(metrics, backends->log_readers(), persisters);
  if (canary) canary->show();
}

base::Result<std::unique_ptr<Service>> Service::start(const config::Settings& settings, const Roles& roles) {
  if (const std::string missing = raise_open_files_limit(settings); !missing.empty()) logging::warning(missing);
  if (auto fitting = check_roles(roles, settings.providers); !fitting) return fitting.error();
  if (auto closed = check_exposure(settings); !closed) return closed.error();
  auto metrics = std::make_unique<Metrics>();
  auto opened = Backends::open(settings, roles, *metrics);
  if (!opened) return opened.error();
  auto parts = std::make_unique<Parts>(settings, roles, std::move(metrics), std::move(*opened));
  if (auto entered = parts->gate.enter(); !entered) return entered.error();
  const auto demos = make_demo_conversations(parts->backends->store(), settings.process.demo_conversations);
  if (!demos) return demos.error();
  if (auto set = parts->start_sign_in(); !set) return set.error();
  parts->add_routes();
  show_all_reasons(parts->metrics);
  parts->gate.start();
  for (const auto& persister : parts->persisters) persister->start();
  if (parts->fanout) parts->fanout->start();
  if (auto port = parts->server.listen(); !port) return port.error();
  Backends& backends = *parts->backends;
  parts->canary = start_canary(settings, roles,
                               {parts->ingress, parts->delivery, parts->shards, backends.store(),
                                backends.store_reader(), parts->blocking, parts->metrics, parts->settings.limits()});
  for (const auto& shard : parts->shards) shard->start();
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Service::~Service() { stop(); }

const std::vector<std::string>& Service::urls() const { return parts_->server.urls(); }

const runtime::Shards& Service::shards() const { return parts_->shards; }

void Service::reload(const config::Settings& settings) {
  logging::set_level(settings.logging.level);
  parts_->rate_limits.set(settings.rate_limits);
  parts_->stop_delay = settings.process.shutdown_delay;
  parts_->stop_timeout = settings.process.shutdown_timeout;
  parts_->server.look_at_certificate();
  parts_->sign_in->reload();
}

void Service::stop() {
  Parts& parts = *parts_;
  if (parts.stopping.exchange(true)) return;
  const auto ms = parts.stop_delay.count();
  if (ms > 0) logging::info("Stopping: not ready, and requests are still taken", {{"forMs", ms}});
  std::this_thread::sleep_for(parts.stop_delay);
  const base::SteadyTime started = base::SteadyClock::now();
  const auto share = [&](int percent) { return started + parts.stop_timeout * percent / 100; };

  logging::info("Stopping: no new requests are taken");
  if (parts.canary) parts.canary->stop();
  parts.server.drain();
  if (parts.backups) parts.backups->end_backup();
  wait_until(share(30), [&] { return parts.server.unfinished() == 0; });
  parts.gate.stop();
  parts.log.drain();
  for (const auto& persister : parts.persisters) {
    persister->stop(std::chrono::duration_cast<std::chrono::milliseconds>(share(70) - base::SteadyClock::now()));
  }
  if (parts.fanout) parts.fanout->stop();
  parts.endpoint.drain(parts.stop_timeout / 10);
  wait_until(share(90), [&] { return parts.server.sessions() == 0; });
  parts.endpoint.abort();
  wait_until(share(100), [&] { return parts.server.sessions() == 0; });
  parts.sign_in->stop();
  parts.revocations.stop();
  parts.blocking_pool.stop();
  for (const auto& shard : parts.shards) shard->stop();
  parts.tracing.stop(share(100));
  if (parts.backups) parts.backups->stop();  // last: all else has ended when the disk of the backups does not answer
  logging::info("Stopped");
}

}  // namespace message_service::service
