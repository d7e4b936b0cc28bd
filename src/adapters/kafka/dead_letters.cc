#include "adapters/kafka/dead_letters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <future>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/cluster.h"
#include "adapters/kafka/producer.h"
#include "adapters/kafka/topic_names.h"
#include "adapters/kafka/topic_tail.h"
#include "wire/event_json.h"

namespace message_service::kafka {

namespace {

constexpr std::string_view kResolution = "resolution";
constexpr std::string_view kResolvesOffset = "resolves-offset";
constexpr std::size_t kRequested = 0;
constexpr std::size_t kDead = 1;
constexpr std::size_t kReadAtOnce = 1000;
constexpr int kAnyPartition = RD_KAFKA_PARTITION_UA;

// The letter that the record resolves, if it is one of those.
std::optional<Position> resolved_by(const ConsumedRecord& consumed) {
  const std::string_view text = header_value(consumed.record, kResolvesOffset);
  Position position{.partition = consumed.position.partition, .offset = 0};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), position.offset);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return position;
}

// Without what made it a dead letter. Headers of the record's own stay, also of these names: ours came last.
LogRecord as_it_came(const LogRecord& letter) {
  constexpr std::array<std::string_view, 8> added{
      "reason",    "error",    "source-partition",         "source-offset",
      "failed-at", "attempts", "rejected-conversation-id", "rejected-temporary-message-id"};
  LogRecord record = letter;
  for (const std::string_view name : added) {
    const auto last = std::find_if(record.headers.rbegin(), record.headers.rend(),
                                   [&](const Header& header) { return header.name == name; });
    if (last != record.headers.rend()) record.headers.erase(std::next(last).base());
  }
  return record;
}

}  // namespace

struct DeadLetters::Parts {
  Result<std::vector<ConsumedRecord>> read(std::size_t records_max);
  Result<void> produce(std::size_t topic, const LogRecord& record, std::int32_t partition);
  Result<void> resolve(const ConsumedRecord& letter, const char* how);

  Options options;
  std::unique_ptr<Cluster> cluster;
  std::unique_ptr<Producer> producer;
};

DeadLetters::DeadLetters(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DeadLetters::~DeadLetters() = default;

Result<std::unique_ptr<DeadLetters>> DeadLetters::open(const Options& options) {
  if (auto good = check_client_properties(options); !good) return good.error();
  auto cluster = Cluster::connect(options);
  if (!cluster) return cluster.error();
  const TopicNames names(options);
  for (const std::string& name : {names.requested, names.dead}) {
    const auto partitions = (*cluster)->partitions(name, options.connect_timeout);
    if (!partitions) return partitions.error();
    if (!*partitions) return Error{ErrorCode::not_found, "there is no topic " + name};
  }
  auto producer = Producer::make(options, {.name = "dead-letters",
                                           .properties = {{"message.max.bytes", "2097152"}},
                                           .topics = {names.requested, names.dead}});
  if (!producer) return producer.error();
  return std::unique_ptr<DeadLetters>(
      new DeadLetters(std::make_unique<Parts>(Parts{options, std::move(*cluster), std::move(*producer)})));
}

// Twice over the topic, first for what was resolved: so no more is kept than is asked for.
Result<std::vector<ConsumedRecord>> DeadLetters::Parts::read(std::size_t records_max) {
  std::set<Position> resolved;
  std::vector<ConsumedRecord> letters;
  for (const bool collecting : {false, true}) {
    auto tail = TopicTail::open(options, wire::kDeadTopic, false);
    if (!tail) return tail.error();
    const SteadyTime started = SteadyClock::now();
    for (SteadyTime last = started; !(*tail)->caught_up();) {
      auto records = (*tail)->read(kReadAtOnce);
      if (!records) return records.error();
      if (!records->empty()) last = SteadyClock::now();
      if (SteadyClock::now() - last > options.connect_timeout) {
        return Error{ErrorCode::unavailable, "Kafka does not give the dead letters"};
      }
      for (ConsumedRecord& record : *records) {
        const auto target = resolved_by(record);
        if (!collecting && target) resolved.insert(*target);
        if (collecting && !target && !resolved.contains(record.position)) letters.push_back(std::move(record));
      }
      if (letters.size() > 2 * records_max + kReadAtOnce) break;
    }
  }
  std::ranges::sort(letters, {}, &ConsumedRecord::position);
  if (letters.size() > records_max) letters.resize(records_max);
  return letters;
}

Result<void> DeadLetters::Parts::produce(std::size_t topic, const LogRecord& record, std::int32_t partition) {
  std::promise<Result<Receipt>> answered;
  Producer::Handler handler = [&](const Result<Receipt>& result) { answered.set_value(result); };
  if (auto taken = producer->produce(topic, record, handler, partition); !taken) return taken;
  const auto result = answered.get_future().get();
  if (!result) return result.error();
  return {};
}

Result<void> DeadLetters::Parts::resolve(const ConsumedRecord& letter, const char* how) {
  const LogRecord mark{.key = letter.record.key,
                       .value = {},
                       .headers = {{std::string(kResolution), how},
                                   {std::string(kResolvesOffset), std::to_string(letter.position.offset)}},
                       .timestamp = wall_now()};
  return produce(kDead, mark, letter.position.partition);
}

Result<std::vector<ConsumedRecord>> DeadLetters::list(std::size_t records_max) { return parts_->read(records_max); }

Result<ConsumedRecord> DeadLetters::find(Position position) {
  auto letters = parts_->read(std::numeric_limits<std::size_t>::max() / 4);
  if (!letters) return letters.error();
  const auto found = std::ranges::find(*letters, position, &ConsumedRecord::position);
  if (found == letters->end()) return Error{ErrorCode::not_found, "there is no such dead letter"};
  return std::move(*found);
}

Result<void> DeadLetters::retry(const std::vector<ConsumedRecord>& letters) {
  for (const ConsumedRecord& letter : letters) {
    if (auto put = parts_->produce(kRequested, as_it_came(letter.record), kAnyPartition); !put) return put;
    if (auto done = parts_->resolve(letter, "retried"); !done) return done;
  }
  return {};
}

Result<void> DeadLetters::discard(const std::vector<ConsumedRecord>& letters) {
  for (const ConsumedRecord& letter : letters) {
    if (auto done = parts_->resolve(letter, "discarded"); !done) return done;
  }
  return {};
}

Result<void> DeadLetters::purge() {
  const std::string topic = TopicNames(parts_->options).dead;
  // The ends first: what comes after them stays.
  const auto ranges = parts_->cluster->offsets(topic, parts_->options.connect_timeout);
  if (!ranges) return ranges.error();
  const auto left = parts_->read(std::numeric_limits<std::size_t>::max() / 4);
  if (!left) return left.error();
  std::vector<Position> before;
  for (std::size_t i = 0; i < ranges->size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    std::int64_t keep_from = (*ranges)[i].end;
    for (const ConsumedRecord& letter : *left) {
      if (letter.position.partition == partition) keep_from = std::min(keep_from, letter.position.offset);
    }
    if (keep_from > (*ranges)[i].begin) before.push_back({partition, keep_from});
  }
  if (before.empty()) return {};
  return parts_->cluster->delete_records_before(topic, before, parts_->options.connect_timeout);
}

}  // namespace message_service::kafka
