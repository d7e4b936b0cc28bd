#include "bench/drain/drain.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/kafka/kafka.h"
#include "adapters/mongodb/mongodb.h"
#include "base/clock.h"
#include "bench/child_server.h"
#include "bench/drain/insert_loop.h"
#include "bench/exit.h"
#include "bench/programs.h"
#include "bench/report.h"
#include "bench/server_metrics.h"
#include "http/client/client.h"
#include "runtime/interrupt.h"
#include "wire/event_json.h"

namespace message_service::bench {

namespace {

constexpr std::size_t kInFlightMax = 20'000;  // records on their way to Kafka
constexpr std::size_t kBareBatch = 1000;
constexpr std::size_t kBareThreads = 2;
constexpr auto kStartTimeout = std::chrono::seconds(30);
constexpr auto kDrainTimeout = std::chrono::minutes(5);
constexpr auto kMetricsTimeout = std::chrono::seconds(5);
constexpr auto kLook = std::chrono::milliseconds(10);

std::string conversation_id(std::uint64_t number) { return "bench-" + std::to_string(number); }

// The settings, with topics, a group and a database that no other program has.
config::Settings on_own_ground(config::Settings settings) {
  const std::string name = "bench-drain-" + std::to_string(getpid());
  settings.kafka.topic_prefix.append(name).append(".");
  settings.kafka.group_id = name;
  settings.mongodb.database_name = name;
  return settings;
}

base::Result<void> make_conversations(mongodb::MongoDb& mongodb, const DrainBench& bench) {
  for (std::uint64_t i = 0; i < bench.conversations; ++i) {
    const Conversation conversation{
        .id = conversation_id(i), .title = "", .participants = {}, .created_at = base::wall_now()};
    if (auto made = mongodb.store().create_conversation(conversation); !made) return made.error();
  }
  return {};
}

LogRecord record_of(std::uint64_t number, const DrainBench& bench, const std::string& content) {
  Draft draft;
  draft.conversation_id = conversation_id(number % bench.conversations);
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = content;
  return wire::requested_record(admit(std::move(draft), Limits{}, base::wall_now()).admitted->message());
}

// Puts all records into the log and waits until they are durable.
base::Result<void> fill(LogWriter& log, const DrainBench& bench) {
  std::mutex mutex;
  std::condition_variable answered;
  std::uint64_t open = 0;
  std::optional<base::Error> failure;
  const std::string content(bench.content_bytes, 'x');
  for (std::uint64_t i = 0; i < bench.records; ++i) {
    {
      std::unique_lock lock(mutex);
      answered.wait(lock, [&] { return open < kInFlightMax; });
      if (failure) break;
      ++open;
    }
    log.append_record(record_of(i, bench, content), std::nullopt, [&](const base::Result<Receipt>& receipt) {
      const std::scoped_lock lock(mutex);
      --open;
      if (!receipt) failure = receipt.error();
      answered.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return open == 0; });
  if (failure) return *failure;
  return {};
}

std::vector<std::string> persister_arguments(const config::Settings& settings) {
  std::vector<std::string> arguments{"serve",
                                     "--roles=persister",
                                     "--Urls=http://127.0.0.1:0",
                                     "--Providers:EventLog=Kafka",
                                     "--Providers:MessageStore=MongoDb",
                                     "--Logging:Level=Warning",
                                     "--KafkaSettings:BootstrapServers=" + settings.kafka.bootstrap_servers,
                                     "--KafkaSettings:TopicPrefix=" + settings.kafka.topic_prefix,
                                     "--KafkaSettings:GroupId=" + settings.kafka.group_id,
                                     "--MongoDbSettings:ConnectionString=" + settings.mongodb.connection_string,
                                     "--MongoDbSettings:DatabaseName=" + settings.mongodb.database_name};
  const Batcher::Options& batching = settings.persister.batching;
  arguments.push_back("--MessagePersistence:BatchSize=" + std::to_string(batching.size));
  arguments.push_back("--MessagePersistence:MaxBatchSize=" + std::to_string(batching.size_max));
  arguments.push_back("--MessagePersistence:Workers=" + std::to_string(settings.process.persisters));
  for (const auto& [name, value] : settings.kafka.client) {
    arguments.push_back("--KafkaSettings:Client:" + name);
    arguments.back().append("=").append(value);
  }
  return arguments;
}

struct Drained {
  double seconds = 0;  // from the last look that found nothing stored until the last record is stored and announced
  double cpu_us_per_record = 0;
};

base::Result<Drained> drain(const DrainBench& bench, const config::Settings& settings) {
  auto server = ChildServer::start(service_program(), persister_arguments(settings), kStartTimeout);
  if (!server) return server.error();
  const auto target = resolve_target((*server)->url(), {});
  if (!target) return target.error();
  http::Client client(*target, kMetricsTimeout);

  const base::SteadyTime gives_up_at = base::SteadyClock::now() + kDrainTimeout;
  base::SteadyTime began = base::SteadyClock::now();
  double cpu_before = 0;
  double shown_s = 0;
  while (!runtime::interrupted() && base::SteadyClock::now() < gives_up_at) {
    const auto metrics = read_server_metrics(client);
    if (!metrics) return metrics.error();
    const double stored = metrics->stored_messages.value_or(0);
    const double elapsed_s = base::seconds_between(began, base::SteadyClock::now());
    if (stored == 0) {
      began = base::SteadyClock::now();
      cpu_before = metrics->cpu_s.value_or(0);
    } else if (stored >= static_cast<double>(bench.records)) {
      const double cpu_s = metrics->cpu_s.value_or(0) - cpu_before;
      return Drained{elapsed_s, cpu_s * 1e6 / static_cast<double>(bench.records)};
    } else if (!bench.quiet && elapsed_s >= shown_s + 1) {
      shown_s = elapsed_s;
      std::fprintf(stderr, "%4.0f s  %9.0f of %llu stored  %8.0f a second\n", elapsed_s, stored,
                   static_cast<unsigned long long>(bench.records), stored / elapsed_s);
    }
    std::this_thread::sleep_for(kLook);
  }
  return base::Error{base::ErrorCode::unavailable, "not everything was stored in time"};
}

struct Measured {
  Drained drained;
  std::vector<double> bare;  // documents a second
};

base::Result<Measured> measure(const DrainBench& bench, const config::Settings& settings) {
  Measured measured;
  const InsertLoop bare{.connection_string = settings.mongodb.connection_string,
                        .database_name = settings.mongodb.database_name,
                        .messages = bench.records,
                        .batch = kBareBatch,
                        .threads = kBareThreads,
                        .conversations = bench.conversations,
                        .content_bytes = bench.content_bytes};
  const auto run_bare = [&]() -> base::Result<void> {
    if (!bench.compare) return {};
    if (!bench.quiet) std::fprintf(stderr, "A bare loop of inserts …\n");
    auto rate = bare.run();
    if (!rate) return rate.error();
    measured.bare.push_back(*rate);
    return {};
  };
  if (auto done = run_bare(); !done) return done.error();
  auto drained = drain(bench, settings);
  if (!drained) return drained.error();
  measured.drained = *drained;
  if (auto done = run_bare(); !done) return done.error();
  return measured;
}

std::optional<double> mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

void print(const DrainBench& bench, const Measured& measured) {
  const double rate = static_cast<double>(bench.records) / measured.drained.seconds;
  std::vector<std::vector<std::string>> rows{
      {"", "documents/s", "CPU us a record"},
      {"drain: Kafka to MongoDB, announced", fixed(rate, 0), fixed(measured.drained.cpu_us_per_record, 1)}};
  if (const auto bare = mean(measured.bare)) {
    rows.push_back({"bare loop of inserts, two threads", fixed(*bare, 0), ""});
    rows.push_back({"ratio", fixed(rate / *bare, 2), ""});
  }
  std::printf("%s", aligned(rows).c_str());
}

boost::json::object as_json(const DrainBench& bench, const Measured& measured) {
  const double rate = static_cast<double>(bench.records) / measured.drained.seconds;
  boost::json::object found{{"command", "drain"},
                            {"records", bench.records},
                            {"conversations", bench.conversations},
                            {"documents_per_second", rate},
                            {"cpu_us_per_record", measured.drained.cpu_us_per_record}};
  if (const auto bare = mean(measured.bare)) {
    found["bare_documents_per_second"] = *bare;
    found["ratio"] = rate / *bare;
  }
  return found;
}

}  // namespace

int run_drain_bench(const DrainBench& bench, const config::Settings& given) {
  const runtime::InterruptGuard guard;
  const config::Settings settings = on_own_ground(given);
  auto kafka = kafka::Kafka::connect(settings.kafka);
  if (!kafka) return say(exit_failed, kafka.error().text);
  mongodb::Options options = settings.mongodb;
  auto mongodb = mongodb::MongoDb::connect(options);
  if (!mongodb) return say(exit_failed, mongodb.error().text);

  if (!bench.quiet) {
    std::fprintf(stderr, "Filling Kafka with %llu records …\n", static_cast<unsigned long long>(bench.records));
  }
  int code = exit_done;
  auto filled = make_conversations(**mongodb, bench);
  if (filled) filled = fill((*kafka)->log_writer(), bench);
  if (filled) {
    const auto measured = measure(bench, settings);
    if (measured) {
      print(bench, *measured);
      if (!bench.json_file.empty()) {
        const auto written = write_json_file(bench.json_file, as_json(bench, *measured));
        if (!written) code = say(exit_failed, written.error().text);
      }
    } else {
      code = say(exit_failed, measured.error().text);
    }
  } else {
    code = say(exit_failed, filled.error().text);
  }
  if (auto gone = (*kafka)->delete_topics(); !gone) code = say(exit_failed, gone.error().text);
  if (auto gone = (*mongodb)->drop(); !gone) code = say(exit_failed, gone.error().text);
  return code;
}

}  // namespace message_service::bench
