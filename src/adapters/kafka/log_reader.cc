#include "adapters/kafka/log_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/consumer.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/group_commits.h"
#include "adapters/kafka/kafka.h"
#include "adapters/kafka/partitioning.h"
#include "adapters/kafka/records.h"
#include "adapters/kafka/topic_names.h"
#include "logging/logging.h"
#include "model/record_bytes.h"

namespace message_service::kafka {

namespace {

constexpr auto kCommitInterval = Milliseconds(100);
constexpr auto kNoteInterval = Milliseconds(5000);
constexpr auto kEndsInterval = Milliseconds(1000);
constexpr auto kUpkeepInterval = Milliseconds(100);
constexpr auto kCountTimeout = Milliseconds(1000);
constexpr auto kEndsTimeout = Milliseconds(200);
constexpr auto kLastCommitTimeout = Milliseconds(2000);
constexpr auto kCloseTimeout = Milliseconds(3000);
constexpr std::size_t kEarlyMax = 1000;
constexpr std::size_t kPolledBytesMax = std::size_t{8} << 20;

Milliseconds until(base::SteadyTime deadline, base::SteadyTime now) {
  return std::max(std::chrono::ceil<Milliseconds>(deadline - now), Milliseconds(0));
}

}  // namespace

base::Result<std::unique_ptr<KafkaLogReader>> KafkaLogReader::make(const Options& options, const Parts& parts) {
  std::unique_ptr<KafkaLogReader> reader(new KafkaLogReader(options, parts));
  // An offset that is out of range means that records were lost or that the topic was made again: the reader decides.
  // The end of a partition shows how far aborted records and Kafka's own marks reach.
  auto conf = make_conf(options, {{"fetch.wait.max.ms", "100"}},
                        {{"group.id", options.group_id},
                         {"client.id", persister_client_id(options)},
                         {"enable.auto.commit", "false"},
                         {"enable.auto.offset.store", "false"},
                         {"auto.offset.reset", "error"},
                         {"enable.partition.eof", "true"},
                         {"isolation.level", "read_committed"},
                         {"partition.assignment.strategy", "range"}});
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), reader.get());
  rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
  rd_kafka_conf_set_offset_commit_cb(conf->get(), on_commit);
  auto client = make_consumer(std::move(*conf));
  if (!client) return client.error();
  reader->client_ = std::move(*client);
  reader->queue_.reset(rd_kafka_queue_get_consumer(reader->client_.get()));

  const auto topics = make_partition_list(1);
  rd_kafka_topic_partition_list_add(topics.get(), reader->topic_.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(reader->client_.get(), topics.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return to_error(error, "read topic " + reader->topic_);
  }
  return reader;
}

KafkaLogReader::KafkaLogReader(const Options& options, const Parts& parts)
    : options_(options), topic_(TopicNames(options).requested), parts_(parts) {}

KafkaLogReader::~KafkaLogReader() {
  if (!client_) return;
  // Leaves the group, so that the other members need not wait. Meanwhile give_up() commits.
  Queue closing(rd_kafka_queue_new(client_.get()));
  const ErrorPtr refused(rd_kafka_consumer_close_queue(client_.get(), closing.get()));
  for (const base::SteadyTime end = base::SteadyClock::now() + kCloseTimeout;
       !refused && rd_kafka_consumer_closed(client_.get()) == 0 && base::SteadyClock::now() < end;) {
    const MessagePtr late(rd_kafka_consume_queue(closing.get(), 20));  // runs the callbacks, too
  }
}

base::Result<LogReader::Polled> KafkaLogReader::poll(std::size_t records_max, base::SteadyTime deadline) {
  Polled polled;
  polled.start_over = std::exchange(start_over_, false);  // from keep_alive()
  resume();
  for (; !early_.empty() && polled.records.size() < records_max; early_.pop_front()) {
    polled.records.push_back(std::move(early_.front()));
  }
  // A poll that already has many bytes leaves the rest to the next poll.
  const auto has_room = [&] { return polled.records.size() < records_max && polled_bytes_ < kPolledBytesMax; };
  polled_bytes_ = 0;
  while (has_room()) {
    const base::SteadyTime now = base::SteadyClock::now();
    const bool wait = polled.records.empty() && !polled.start_over && !interrupted_ && now < deadline;
    const Milliseconds most = wait ? std::min(until(deadline, now), Milliseconds(kUpkeepInterval)) : Milliseconds(0);
    if (receive(polled, count_of(most))) continue;
    upkeep(base::SteadyClock::now());
    if (started_over(polled)) continue;
    if (!wait) break;
  }
  (void)started_over(polled);
  begin_turns();
  publish_lag();
  return polled;
}

// False when neither a record nor the end of a partition arrived.
bool KafkaLogReader::receive(Polled& polled, int timeout_ms) {
  const MessagePtr message(rd_kafka_consumer_poll(client_.get(), timeout_ms));
  (void)started_over(polled);  // a rebalance may have run inside
  if (!message) return false;
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      accept(*message, polled);
      return true;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      assignment_.nothing_before({.partition = message->partition, .offset = message->offset});
      return true;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      astray_ = true;
      return false;
    default:
      trouble_.is(rd_kafka_message_errstr(message.get()));
      return false;
  }
}

// True: the records that were read before no longer belong to this reader.
bool KafkaLogReader::started_over(Polled& polled) {
  if (!std::exchange(start_over_, false)) return false;
  polled.records.clear();
  polled.start_over = true;
  return true;
}

void KafkaLogReader::accept(const rd_kafka_message_t& message, Polled& polled) {
  const base::SteadyTime now = base::SteadyClock::now();
  const Position position{.partition = message.partition, .offset = message.offset};
  if (!is_still_there(position, now)) return;
  trouble_.over();
  if (!assignment_.deliver(position, now)) return;
  if (assignment_.wants_witness(message.partition)) {
    assignment_.add_witness(message.partition, witness_of(message));
    vouch_for(message.partition);
  }
  polled.records.push_back(consumed_record(message));
  polled_bytes_ += bytes_of(polled.records.back().record);
}

void KafkaLogReader::interrupt() {
  interrupted_ = true;
  rd_kafka_queue_yield(queue_.get());
}

// Fetches nothing more, but stays in the group: its callbacks run, and the group sees that the reader is alive.
void KafkaLogReader::keep_alive() {
  if (!paused_) {
    const auto partitions = make_partition_list(assignment_.partitions().size());
    for (const auto& p : assignment_.partitions()) {
      rd_kafka_topic_partition_list_add(partitions.get(), topic_.c_str(), p.number);
    }
    rd_kafka_pause_partitions(client_.get(), partitions.get());
    paused_ = true;
  }
  Polled polled;
  while (early_.size() + polled.records.size() < kEarlyMax && receive(polled, 0)) {
  }
  if (polled.start_over) {
    early_.clear();
    start_over_ = true;
  }
  std::ranges::move(polled.records, std::back_inserter(early_));
  upkeep(base::SteadyClock::now());
  publish_lag();
}

void KafkaLogReader::resume() {
  if (!std::exchange(paused_, false)) return;
  const auto partitions = make_partition_list(assignment_.partitions().size());
  for (const auto& p : assignment_.partitions()) {
    rd_kafka_topic_partition_list_add(partitions.get(), topic_.c_str(), p.number);
  }
  rd_kafka_resume_partitions(client_.get(), partitions.get());
}

base::Result<void> KafkaLogReader::commit(const Progress& progress) {
  for (const Position& last : progress.last()) assignment_.done(last);
  send_commit(base::SteadyClock::now());
  publish_lag();
  return {};
}

// A member reads an added partition only after all members of the group have taken over their partitions again, and
// then each member asks for the count here again. So no member looks for a conversation in its old partition while
// another member reads it in a new one.
base::Result<std::int32_t> KafkaLogReader::partition_of(std::string_view conversation_id) {
  if (partitions_ == 0) {
    const auto count = parts_.cluster.partitions(topic_, kCountTimeout);
    if (!count) return count.error();
    if (!*count) return base::Error{base::ErrorCode::unavailable, "topic " + topic_ + " is not there"};
    partitions_ = **count;
  }
  return partition_for(conversation_id, partitions_);
}

std::vector<PartitionLag> KafkaLogReader::lag() const {
  const std::scoped_lock lock(lag_mutex_);
  return lag_;
}

void KafkaLogReader::publish_lag() {
  for (const auto& p : assignment_.partitions()) {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    rd_kafka_get_watermark_offsets(client_.get(), topic_.c_str(), p.number, &begin, &end);
    assignment_.saw_end(p.number, end);
  }
  auto lag = assignment_.lag();
  const std::scoped_lock lock(lag_mutex_);
  lag_ = std::move(lag);
}

void KafkaLogReader::upkeep(base::SteadyTime now) {
  note_places(now);
  send_commit(now);
  look_at_ends(now);
  look_at_witnesses(now);
}

// Fetched records show the ends of the partitions, but nothing is fetched while many records wait to be stored.
void KafkaLogReader::look_at_ends(base::SteadyTime now) {
  if (now < next_look_) return;
  next_look_ = now + kEndsInterval;
  for (const auto& p : assignment_.partitions()) {
    if (p.delivered >= p.end && !paused_) continue;
    const auto range = parts_.cluster.offsets(topic_, p.number, kEndsTimeout);
    if (!range) return;
    assignment_.saw_end(p.number, range->end);
  }
}

PartitionList KafkaLogReader::offsets_to_commit() const {
  auto offsets = make_partition_list(assignment_.partitions().size());
  for (const auto& p : assignment_.partitions()) {
    if (p.done <= p.committed) continue;
    auto* element = rd_kafka_topic_partition_list_add(offsets.get(), topic_.c_str(), p.number);
    element->offset = p.done;
    if (p.witness || parts_.store != nullptr) {
      const auto stored = parts_.store == nullptr ? std::nullopt : std::optional(p.noted);
      set_metadata(*element, {.next = {}, .witness = p.witness, .stored = stored});
    }
  }
  return offsets;
}

void KafkaLogReader::note_places(base::SteadyTime now) {
  if (parts_.store == nullptr || now < next_note_) return;
  StoredPlaces::ByPartition places;
  std::set<std::int32_t> anew;
  for (const auto& p : assignment_.partitions()) {
    if (!p.known || p.done <= p.noted) continue;
    places[p.number] = p.done;
    if (p.anew) anew.insert(p.number);
  }
  if (places.empty()) return;
  next_note_ = base::SteadyClock::now() + kNoteInterval;
  if (log_id_.empty()) {
    const auto cluster_id = parts_.cluster.id(kCountTimeout);
    if (!cluster_id) return;
    log_id_ = log_id_of(*cluster_id, topic_);
  }
  store_notes_ = parts_.store->note(log_id_, places, anew).has_value();  // made again, with what is done then
  if (!store_notes_) return;
  for (const auto& [partition, place] : places) assignment_.noted(partition, place);
}

void KafkaLogReader::send_commit(base::SteadyTime now) {
  if (committing_ || now < next_commit_ || !assignment_.to_commit()) return;
  next_commit_ = now + kCommitInterval;
  const auto offsets = offsets_to_commit();
  committing_ = rd_kafka_commit(client_.get(), offsets.get(), 1) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void KafkaLogReader::on_commit(rd_kafka_t* /*client*/, rd_kafka_resp_err_t error,
                               rd_kafka_topic_partition_list_t* offsets, void* self) {
  auto& reader = *static_cast<KafkaLogReader*>(self);
  reader.committing_ = false;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR || offsets == nullptr) return;  // sent again while the partition is ours
  for (int i = 0; i < offsets->cnt; ++i) {
    const auto& element = offsets->elems[i];
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) reader.assignment_.committed(element.partition, element.offset);
  }
}

void KafkaLogReader::commit_and_wait() {
  if (store_notes_) note_places(base::SteadyTime::max());
  if (!assignment_.to_commit()) return;
  const auto offsets = offsets_to_commit();
  const Queue answers(rd_kafka_queue_new(client_.get()));
  if (rd_kafka_commit_queue(client_.get(), offsets.get(), answers.get(), nullptr, nullptr) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return;
  }
  const EventPtr answer(rd_kafka_queue_poll(answers.get(), count_of(kLastCommitTimeout)));
  if (!answer || rd_kafka_event_error(answer.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    logging::warning("What was stored last could not be committed; it will be read again and recognized");
  }
}

}  // namespace message_service::kafka
