#include "adapters/kafka/event_source.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "adapters/kafka/consumer.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/records.h"
#include "adapters/kafka/topic_names.h"
#include "logging/logging.h"
#include "model/record_version.h"
#include "wire/event_json.h"

namespace message_service::kafka {

namespace {

constexpr auto kPartitionsInterval = Milliseconds(5000);
constexpr auto kPartitionsTimeout = Milliseconds(200);
constexpr auto kEndTimeout = Milliseconds(1000);
constexpr auto kLookInterval = Milliseconds(5000);
constexpr auto kLookTimeout = Milliseconds(500);  // other looks wait meanwhile, and this look is repeated

// The time when the log appended the record; 0 when the record has its producer's time.
std::int64_t append_time(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t time = rd_kafka_message_timestamp(&message, &type);
  return type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? time : 0;
}

}  // namespace

base::Result<std::unique_ptr<KafkaEventSource>> KafkaEventSource::make(const Options& options, Cluster& cluster,
                                                                       Witnesses& witnesses) {
  std::unique_ptr<KafkaEventSource> source(new KafkaEventSource(options, cluster, witnesses));
  // An added partition waits for the fetch under way, so a fetch must not be long.
  // librdkafka needs a group's name for every consumer that is polled; this one neither joins nor commits.
  auto client =
      make_lone_reader(options, "events", {{"queued.max.messages.kbytes", "16384"}, {"fetch.wait.max.ms", "100"}},
                       {{"auto.offset.reset", "error"}});
  if (!client) return client.error();
  source->client_ = std::move(*client);
  source->queue_.reset(rd_kafka_queue_get_consumer(source->client_.get()));
  if (auto found = source->find_ends(options); !found) return found.error();
  if (auto assigned = source->assign(); !assigned) return assigned.error();
  return source;
}

KafkaEventSource::KafkaEventSource(const Options& options, Cluster& cluster, Witnesses& witnesses)
    : cluster_(cluster), witnesses_(witnesses), witness_timeout_(options.witness_timeout), damage_(options.damage) {
  const TopicNames names(options);
  followed_.push_back({.topic = names.sent, .dead = false});
  followed_.push_back({.topic = names.dead, .dead = true});
}

base::Result<void> KafkaEventSource::find_ends(const Options& options) {
  for (Followed& followed : followed_) {
    if (auto warm = warm_up(client_.get(), followed.topic, options.connect_timeout); !warm) return warm;
    const auto ranges = cluster_.offsets(followed.topic, options.connect_timeout);
    if (!ranges) return ranges.error();
    for (const OffsetRange& range : *ranges) followed.partitions.push_back(at_end_of(range));
  }
  return {};
}

// Reading continues at the same positions; records that were fetched ahead are fetched again.
base::Result<void> KafkaEventSource::assign() {
  const auto all = make_partition_list(16);
  for (const Followed& followed : followed_) {
    for (std::size_t i = 0; i < followed.partitions.size(); ++i) {
      const auto number = static_cast<std::int32_t>(i);
      rd_kafka_topic_partition_list_add(all.get(), followed.topic.c_str(), number)->offset =
          followed.partitions[i].next;
    }
  }
  const auto error = kafka::assign(client_.get(), all.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, "read the events");
  for (Followed& followed : followed_) {
    for (Partition& partition : followed.partitions) partition.assigned = true;
  }
  return {};
}

bool KafkaEventSource::all_assigned() const {
  return std::ranges::all_of(followed_, [](const Followed& followed) {
    return std::ranges::all_of(followed.partitions, &Partition::assigned);
  });
}

base::Result<EventSource::Polled> KafkaEventSource::poll(std::size_t records_max, base::SteadyTime deadline,
                                                         const Interest& wanted) {
  Polled polled;
  std::size_t seen = 0;
  look_for_partitions(base::SteadyClock::now());
  look_at_witnesses(base::SteadyClock::now(), polled);
  if (!all_assigned()) {
    if (auto assigned = assign(); !assigned) trouble_.is(assigned.error().text);
  }
  while (seen < records_max) {
    const base::SteadyTime now = base::SteadyClock::now();
    const bool wait = seen == 0 && !polled.gap && !interrupted_ && now < deadline;
    const auto left = wait ? std::chrono::ceil<Milliseconds>(deadline - now) : Milliseconds(0);
    const MessagePtr message(rd_kafka_consumer_poll(client_.get(), static_cast<int>(left.count())));
    if (!message) {
      if (wait && !interrupted_ && base::SteadyClock::now() < deadline) continue;
      break;
    }
    ++seen;
    message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? handle(*message, wanted, polled) : handle_error(*message, polled);
  }
  nothing_came_ = seen == 0;
  return polled;
}

void KafkaEventSource::interrupt() {
  interrupted_ = true;
  rd_kafka_queue_yield(queue_.get());
}

// An interrupted source is to stop, and does not wait for records that a broker may never send.
bool KafkaEventSource::at_end() const {
  if (interrupted_ && nothing_came_) return true;
  for (const Followed& followed : followed_) {
    for (std::size_t i = 0; i < followed.partitions.size(); ++i) {
      std::int64_t begin = 0;
      std::int64_t end = 0;
      rd_kafka_get_watermark_offsets(client_.get(), followed.topic.c_str(), static_cast<std::int32_t>(i), &begin, &end);
      if (end > followed.partitions[i].next) return false;
    }
  }
  return true;
}

KafkaEventSource::Followed* KafkaEventSource::followed_by(const rd_kafka_message_t& message) {
  if (message.rkt == nullptr || message.partition < 0) return nullptr;
  const auto found = std::ranges::find(followed_, std::string_view(rd_kafka_topic_name(message.rkt)), &Followed::topic);
  if (found == followed_.end()) return nullptr;
  return static_cast<std::size_t>(message.partition) < found->partitions.size() ? &*found : nullptr;
}

void KafkaEventSource::handle(const rd_kafka_message_t& message, const Interest& wanted, Polled& polled) {
  Followed* followed = followed_by(message);
  if (followed == nullptr) return;
  Partition& partition = followed->partitions[static_cast<std::size_t>(message.partition)];
  if (message.offset < partition.next || !partition.assigned) return;
  if (!is_still_there(*followed, message, polled)) return;
  trouble_.over();
  partition.next = message.offset + 1;
  if (message.offset >= partition.told_from) read(message, followed->dead, wanted, polled);
}

// False: the record must not be taken now. It arrives again, or a gap covers it. A record may have waited in the client
// for long, so the times when records were appended also show a silence.
bool KafkaEventSource::is_still_there(Followed& followed, const rd_kafka_message_t& message, Polled& polled) {
  Partition& partition = followed.partitions[static_cast<std::size_t>(message.partition)];
  const base::SteadyTime now = base::SteadyClock::now();
  const std::int64_t appended = append_time(message);
  const bool silent = now - partition.heard_of >= kSilence || appended - partition.appended >= kSilence.count() ||
                      (appended == 0) != (partition.appended == 0);
  if (silent && partition.witness) {
    const auto said = witnesses_.look(followed.topic, {{message.partition, *partition.witness}}, witness_timeout_);
    if (said.empty()) {
      trouble_.is("nobody shows an event that was there, in partition " + std::to_string(message.partition));
      partition.assigned = false;
      return false;
    }
    hear(followed, said, polled);
    if (!partition.assigned) return false;
  }
  if (silent || partition.wants_witness) {
    partition.witness = witness_of(message);
    partition.wants_witness = false;
  }
  partition.heard_of = now;
  partition.appended = appended;
  return true;
}

// A value that is no event is from a foreign program or is damaged. A message that it announced is in the store.
void KafkaEventSource::read(const rd_kafka_message_t& message, bool dead, const Interest& wanted, Polled& polled) {
  if (dead) {
    auto rejected = wire::read_rejection(record_without_value(message));
    if (rejected) polled.events.emplace_back(std::move(*rejected));
    return;
  }
  if (!wanted(key_of(message))) return;
  LogRecord record;
  record.value = value_of(message);
  if (auto version = header_of(message, header_name::requires_version)) record.headers.push_back(std::move(*version));
  if (auto trace = header_of(message, header_name::traceparent)) record.headers.push_back(std::move(*trace));
  auto sent = wire::read_sent(record);
  const bool keyed = sent && sent->stored.message().conversation_id == key_of(message);
  if (!keyed) {
    const std::string why = sent ? "its key is not its conversation" : sent.error().text;
    damage_->left_out("events", "the event at offset " + std::to_string(message.offset) + " of partition " +
                                    std::to_string(message.partition) + ": " + why);
    polled.unreadable_in.emplace_back(key_of(message));
    return;
  }
  polled.events.emplace_back(std::move(*sent));
}

void KafkaEventSource::handle_error(const rd_kafka_message_t& message, Polled& polled) {
  Followed* followed = followed_by(message);
  if (message.err != RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || followed == nullptr) {
    trouble_.is(rd_kafka_message_errstr(&message));
    return;
  }
  logging::warning("Events went before they were read; clients look into the store",
                   {{"topic", followed->topic}, {"partition", message.partition}});
  polled.gap = true;
  followed->asked = {};
  jump_to_end(*followed, message.partition);
}

// The events before the end are in the store, and clients are sent to look there. Announcing them would only be late,
// or a repetition when the topic was cut or made again. The last record before the end is read as a witness.
KafkaEventSource::Partition KafkaEventSource::at_end_of(const OffsetRange& range) {
  return {.next = std::max(range.begin, range.end - 1), .told_from = range.end};
}

void KafkaEventSource::jump_to_end(Followed& followed, std::int32_t partition) {
  const auto range = cluster_.offsets(followed.topic, partition, kEndTimeout);
  // Without an answer the old offset is out of range again, or the old witness is missing again, and this runs again.
  Partition& moving = followed.partitions[static_cast<std::size_t>(partition)];
  if (range) moving = at_end_of(*range);
  moving.assigned = false;
}

void KafkaEventSource::look_at_witnesses(base::SteadyTime now, Polled& polled) {
  for (Followed& followed : followed_) {
    const bool answered =
        followed.asked.valid() && followed.asked.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (answered) hear(followed, followed.asked.get(), polled);
  }
  if (now < next_witnesses_) return;
  next_witnesses_ = now + kLookInterval;
  for (Followed& followed : followed_) {
    if (followed.asked.valid()) continue;
    Witnesses::ByPartition witnesses;
    for (std::size_t i = 0; i < followed.partitions.size(); ++i) {
      const auto& witness = followed.partitions[i].witness;
      if (witness) witnesses.emplace(static_cast<std::int32_t>(i), *witness);
    }
    if (!witnesses.empty()) followed.asked = witnesses_.look_later(followed.topic, witnesses, kLookTimeout);
  }
}

void KafkaEventSource::hear(Followed& followed, const Witnesses::Testimonies& said, Polled& polled) {
  for (const auto& [number, testimony] : said) {
    if (testimony == Testimony::same) {
      followed.partitions[static_cast<std::size_t>(number)].wants_witness = true;
      continue;
    }
    // `gone`: retention may have removed the record from this topic, or from another one of the same name.
    logging::warning(testimony == Testimony::gone
                         ? "Events were removed since they were read; clients look into the store"
                         : "A topic of events began anew; clients look into the store",
                     {{"topic", followed.topic}, {"partition", number}});
    polled.gap = true;
    jump_to_end(followed, number);
  }
}

void KafkaEventSource::look_for_partitions(base::SteadyTime now) {
  if (now < next_look_) return;
  next_look_ = now + kPartitionsInterval;
  bool grown = false;
  for (Followed& followed : followed_) {
    const auto count = cluster_.partitions(followed.topic, kPartitionsTimeout);
    if (!count || !*count) break;  // a topic before this one that has grown is assigned all the same
    const auto known = followed.partitions.size();
    if (static_cast<std::size_t>(**count) <= known) continue;
    followed.partitions.resize(static_cast<std::size_t>(**count));
    grown = true;
  }
  if (grown) logging::info("The topics of events have more partitions now");
}

}  // namespace message_service::kafka
