#include "adapters/kafka/producer.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/kafka/errors.h"
#include "adapters/kafka/partitioning.h"
#include "adapters/kafka/records.h"
#include "logging/logging.h"

namespace message_service::kafka {

namespace {

constexpr auto kServe = Milliseconds(100);
constexpr auto kLook = Milliseconds(500);

constexpr auto kOldBatches = Milliseconds(1000);
constexpr std::string_view kLogReason = "log";  // of a refusal, for programs: Kafka takes nothing now
constexpr std::size_t kBatchBytes = 1'000'000;  // librdkafka's own
constexpr std::size_t kRecordRoom = 512;        // for its headers and Kafka's own bytes

}  // namespace

Producer::Life::~Life() {
  topics.clear();
  events.reset();  // the client is destroyed last
}

base::Result<std::unique_ptr<Producer>> Producer::make(const Options& options, Tuning tuning) {
  std::unique_ptr<Producer> producer(new Producer(options, std::move(tuning)));
  auto life = producer->make_life();
  if (!life) return life.error();
  producer->life_ = std::move(*life);
  for (const std::string& topic : producer->tuning_.topics) {
    if (auto warm = warm_up(producer->life_->client.get(), topic, options.connect_timeout); !warm) return warm.error();
  }
  producer->thread_ = std::thread([raw = producer.get()] { raw->run(); });
  return producer;
}

Producer::Producer(Options options, Tuning tuning) : options_(std::move(options)), tuning_(std::move(tuning)) {}

Producer::~Producer() { drain(); }

base::Result<std::unique_ptr<Producer::Life>> Producer::make_life() const {
  const std::string timeout = std::to_string(options_.publish_timeout.count());
  Properties fixed{
      {"acks", "all"}, {"enable.idempotence", "true"}, {"message.timeout.ms", timeout}, {"partitioner", kPartitioner}};
  if (batch_bytes_ != 0) fixed.emplace_back("batch.size", std::to_string(batch_bytes_));
  auto conf = make_conf(options_, tuning_.properties, fixed);
  if (!conf) return conf.error();
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return client.error();
  auto life = std::make_unique<Life>();
  life->batch_bytes = batch_bytes_;
  life->client = std::move(*client);
  life->events.reset(rd_kafka_queue_get_main(life->client.get()));
  for (const std::string& name : tuning_.topics) {
    life->topics.emplace_back(rd_kafka_topic_new(life->client.get(), name.c_str(), nullptr));
    if (!life->topics.back())
      return base::Error{base::ErrorCode::invalid, "there can be no topic named \"" + name + "\""};
  }
  return life;
}

// The three outcomes that librdkafka reports. A success without an offset is librdkafka's own conclusion, from the
// answer to a later batch: a partition that was just added takes the later batch without the earlier one, which was
// refused and is then not in the log (librdkafka 2.0.2, rd_kafka_dr_implicit_ack). A broker refuses a batch that is too
// large as a whole, which says little about a record that is a small part of it: the next life makes smaller batches.
base::Result<Receipt> Producer::outcome_of(const Life& life, const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message.offset < 0) return base::Error{base::ErrorCode::unknown, "Kafka does not say where the record lies"};
    return Receipt{{.partition = message.partition, .offset = message.offset}};
  }
  const std::string text = std::string("Kafka: ") + rd_kafka_err2str(message.err);
  if (code_of(message.err) == base::ErrorCode::not_found) missing_ = true;
  if (tuning_.call == Call::append && message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    const std::size_t batch = life.batch_bytes == 0 ? kBatchBytes : life.batch_bytes;
    const std::size_t twice = 2 * (message.len + message.key_len + kRecordRoom);
    if (twice < batch) {
      batch_bytes_ = std::max(twice, batch / 4);
      return base::Error{base::ErrorCode::refused, "Kafka takes smaller batches only", kLogReason};
    }
  }
  if (is_refused_for_good(tuning_.call, message.err)) return base::Error{base::ErrorCode::invalid, text};
  if (rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED) {
    return base::Error{base::ErrorCode::refused, text, kLogReason};
  }
  return base::Error{base::ErrorCode::unknown, text};
}

void Producer::report_deliveries(const Life& life, rd_kafka_event_t* event) {
  std::array<const rd_kafka_message_t*, 256> messages{};
  while (const std::size_t count = rd_kafka_event_message_array(event, messages.data(), messages.size())) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::unique_ptr<Handler> handler(static_cast<Handler*>(messages[i]->_private));
      (*handler)(outcome_of(life, *messages[i]));
    }
  }
}

base::Result<void> Producer::produce(std::size_t topic, const LogRecord& record, Handler& handler,
                                     std::int32_t partition) {
  if (!reachable_) return base::Error{base::ErrorCode::refused, "no Kafka broker can be reached", kLogReason};
  Headers headers = headers_of(record);
  auto waiting = std::make_unique<Handler>(std::move(handler));
  const std::shared_lock lock(mutex_);
  if (draining_) {
    handler = std::move(*waiting);
    return base::Error{base::ErrorCode::refused, "the service is stopping", "stopping"};
  }
  const auto error = rd_kafka_producev(
      life_->client.get(), RD_KAFKA_V_RKT(life_->topics[topic].get()), RD_KAFKA_V_PARTITION(partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(record.key.empty() ? nullptr : record.key.data(), record.key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()), RD_KAFKA_V_HEADERS(headers.get()),
      RD_KAFKA_V_TIMESTAMP(record.timestamp), RD_KAFKA_V_OPAQUE(waiting.get()), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    (void)headers.release();  // both belong to the client now
    (void)waiting.release();
    return {};
  }
  handler = std::move(*waiting);
  if (code_of(error) == base::ErrorCode::not_found) missing_ = true;
  if (is_refused_for_good(tuning_.call, error)) {
    return base::Error{base::ErrorCode::invalid, std::string("Kafka: ") + rd_kafka_err2str(error)};
  }
  const bool full = error == RD_KAFKA_RESP_ERR__QUEUE_FULL;
  if (full) return base::Error{base::ErrorCode::refused, "too many messages wait for the log", "append-queue"};
  return base::Error{base::ErrorCode::refused, std::string("Kafka: ") + rd_kafka_err2str(error), kLogReason};
}

void Producer::run() {
  pthread_setname_np(pthread_self(), tuning_.name.c_str());
  while (true) {
    {
      const std::shared_lock lock(mutex_);
      if (draining_) break;
    }
    serve(*life_, kServe);  // only this thread replaces it
    if (failed_ || batch_bytes_ != life_->batch_bytes) replace();
    if ((suspect_ || missing_) && base::SteadyClock::now() >= next_look_) look_for_brokers();
  }
  finish(*life_, options_.publish_timeout);
}

void Producer::serve(Life& life, Milliseconds wait) {
  const EventPtr event(rd_kafka_queue_poll(life.events.get(), static_cast<int>(wait.count())));
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR:
      return report_deliveries(life, event.get());
    case RD_KAFKA_EVENT_ERROR:
      if (rd_kafka_event_error_is_fatal(event.get()) != 0) {
        failed_ = true;
      } else if (rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        suspect_ = true;
      }
      return;
    default:
      return;
  }
}

// An idle connection that ends looks like brokers that are away: ask before believing it, and then until they are back.
void Producer::look_for_brokers() {
  const rd_kafka_metadata_t* metadata = nullptr;
  missing_ = false;
  const auto error = rd_kafka_metadata(life_->client.get(), 0, nullptr, &metadata, static_cast<int>(kLook.count()));
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
  const bool found = error == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (found != reachable_) {
    found ? logging::info("Kafka can be reached again") : logging::error("No Kafka broker can be reached");
  }
  reachable_ = found;
  suspect_ = !found;
  next_look_ = base::SteadyClock::now() + kLook;
}

void Producer::replace() {
  auto fresh = make_life();
  if (!fresh) {
    logging::error("The Kafka producer cannot be renewed: " + fresh.error().text);
    return;  // tried again with the next look at the events
  }
  logging::warning(failed_ ? "The Kafka producer had a fatal error and is renewed"
                           : "The topic takes less than the Kafka producer's batches, which become smaller");
  {
    const std::unique_lock lock(mutex_);
    std::swap(life_, *fresh);
  }
  const bool unusable = std::exchange(failed_, false);
  finish(**fresh, unusable ? Milliseconds(0) : kOldBatches);
  failed_ = false;  // the old life may have reported its error again
}

// Reports every record that the life still has. Purges the records that are not delivered in time: the report then says
// how far each one got.
void Producer::finish(Life& life, Milliseconds patience) {
  rd_kafka_t* client = life.client.get();
  for (base::SteadyTime until = base::SteadyClock::now() + patience;
       rd_kafka_outq_len(client) > 0 && base::SteadyClock::now() < until && !failed_;) {
    serve(life, Milliseconds(10));
  }
  while (rd_kafka_outq_len(client) > 0) {
    rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    serve(life, Milliseconds(10));
  }
}

void Producer::drain() {
  {
    const std::unique_lock lock(mutex_);
    draining_ = true;
    rd_kafka_queue_yield(life_->events.get());
  }
  const std::scoped_lock lock(drain_mutex_);
  if (thread_.joinable()) thread_.join();
}

}  // namespace message_service::kafka
