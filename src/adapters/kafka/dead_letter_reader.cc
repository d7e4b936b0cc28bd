#include "adapters/kafka/dead_letter_reader.h"

#include <algorithm>
#include <map>
#include <optional>

#include "adapters/kafka/consumer.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/records.h"
#include "adapters/kafka/topic_names.h"
#include "base/clock.h"
#include "model/dead_letter.h"
#include "wire/event_json.h"

namespace message_service::kafka {

namespace {

constexpr auto kPatience = Milliseconds(10'000);  // the longest wait for a record

// Reads a topic from begin to end.
class Walk {
 public:
  Walk(Consumer client, std::vector<OffsetRange> ranges) : client_(std::move(client)), left_(std::move(ranges)) {}

  base::Result<void> begin(const std::string& topic) {
    const auto all = make_partition_list(left_.size());
    for (std::size_t i = 0; i < left_.size(); ++i) {
      if (left_[i].begin >= left_[i].end) continue;
      rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), static_cast<std::int32_t>(i))->offset =
          left_[i].begin;
    }
    const auto error = assign(client_.get(), all.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, "read the dead letters");
    return {};
  }

  // Null at the end.
  base::Result<MessagePtr> next() {
    for (const base::SteadyTime deadline = base::SteadyClock::now() + kPatience; !at_end();) {
      MessagePtr message(rd_kafka_consumer_poll(client_.get(), 100));
      if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        left_[static_cast<std::size_t>(message->partition)].begin = message->offset + 1;
        return message;
      }
      if (message && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        left_[static_cast<std::size_t>(message->partition)].begin = message->offset;
      } else if (base::SteadyClock::now() >= deadline) {
        return base::Error{base::ErrorCode::unavailable, "cannot read the dead letters: no broker gives them"};
      }
    }
    return MessagePtr();
  }

 private:
  bool at_end() const {
    return std::ranges::all_of(left_, [](const OffsetRange& range) { return range.begin >= range.end; });
  }

  Consumer client_;
  std::vector<OffsetRange> left_;
};

base::Result<Walk> walk_over(const Options& options, const std::string& topic, std::vector<OffsetRange> ranges) {
  auto client = make_lone_reader(options, "dead-letters", {},
                                 {{"enable.partition.eof", "true"}, {"auto.offset.reset", "earliest"}});
  if (!client) return client.error();
  Walk walk(std::move(*client), std::move(ranges));
  if (auto begun = walk.begin(topic); !begun) return begun.error();
  return walk;
}

// One record of the log; nothing when the log no longer has it.
base::Result<std::optional<LogRecord>> read_at(const Options& options, Cluster& cluster, Position position) {
  const std::string topic = TopicNames(options).requested;
  auto ranges = cluster.offsets(topic, options.connect_timeout);
  if (!ranges) return ranges.error();
  const auto partition = static_cast<std::size_t>(position.partition);
  if (partition >= ranges->size()) return std::optional<LogRecord>();
  const OffsetRange has = (*ranges)[partition];
  if (position.offset < has.begin || position.offset >= has.end) return std::optional<LogRecord>();
  std::vector<OffsetRange> one(partition + 1);
  one[partition] = {.begin = position.offset, .end = position.offset + 1};
  auto walk = walk_over(options, topic, std::move(one));
  if (!walk) return walk.error();
  const auto message = walk->next();
  if (!message) return message.error();
  if (!*message || (*message)->offset != position.offset) return std::optional<LogRecord>();
  return std::optional(consumed_record(**message).record);
}

}  // namespace

base::Result<std::vector<EventLog::Found>> DeadLetterReader::find(const std::vector<Position>& origins) {
  const std::string topic = TopicNames(options_).dead;
  auto ranges = cluster_.offsets(topic, options_.connect_timeout);
  if (!ranges) return ranges.error();
  auto walk = walk_over(options_, topic, std::move(*ranges));
  if (!walk) return walk.error();

  std::map<Position, std::optional<LogRecord>> newest;
  for (const Position& origin : origins) newest[origin];
  while (true) {
    auto message = walk->next();
    if (!message) return message.error();
    if (!*message) break;
    ConsumedRecord consumed = consumed_record(**message);
    const auto origin = wire::read_origin(consumed.record);
    if (!origin || header_value(consumed.record, "reason") == to_text(DeadReason::discarded)) continue;
    if (const auto wanted = newest.find(*origin); wanted != newest.end()) wanted->second = std::move(consumed.record);
  }
  std::vector<EventLog::Found> found;
  for (auto& [origin, record] : newest) {
    if (!record) continue;
    auto one = found_of(origin, std::move(*record));
    if (!one) return one.error();
    found.push_back(std::move(*one));
  }
  return found;
}

base::Result<EventLog::Found> DeadLetterReader::found_of(Position origin, LogRecord record) {
  const auto reference = wire::read_reference(record);
  if (!reference) return EventLog::Found{.origin = origin, .record = std::move(record)};
  auto original = read_at(options_, cluster_, *reference);
  if (!original) return original.error();
  const bool gone = !*original;
  return EventLog::Found{
      .origin = origin,
      .record = gone ? std::move(record) : std::move(**original),
      .reference = reference,
      .gone = gone ? "the log does not hold the record at " + to_text(*reference) + " any more" : ""};
}

}  // namespace message_service::kafka
