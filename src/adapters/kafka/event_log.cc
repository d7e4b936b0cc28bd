#include "adapters/kafka/event_log.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "adapters/kafka/topic_names.h"
#include "base/hex.h"
#include "logging/logging.h"
#include "model/record_bytes.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::kafka {

namespace {

// Places in the producer's list of topics.
constexpr std::size_t kSent = 0;
constexpr std::size_t kDead = 1;
constexpr std::size_t kRequested = 2;

// Before compression. The topic has no such limit: the broker limits the size of the compressed batch.
constexpr const char* kRecordBytesMax = "100000000";

// The bytes under way at a time, far below the size of librdkafka's queue.
constexpr std::size_t kRoundBytes = std::size_t{16} << 20;

bool is_refused(const base::Result<void>& sent) { return !sent && sent.error().code == base::ErrorCode::invalid; }

}  // namespace

// Records that are sent together. Counts the records under way, and keeps the reasons why some are refused for good.
// Outlives a publisher that waited in vain.
class KafkaEventLog::Round {
 public:
  void add() {
    const std::scoped_lock lock(mutex_);
    ++under_way_;
  }

  void settle(std::size_t record, const base::Result<Receipt>& result) {
    const std::scoped_lock lock(mutex_);
    if (!result && result.error().code == base::ErrorCode::invalid) {
      refused_.emplace(record, result.error());
    } else if (!result && !error_) {
      error_ = result.error();
    }
    if (--under_way_ == 0) done_.notify_one();
  }

  // On success every record that is not refused is durable.
  base::Result<Refused> wait(base::SteadyTime deadline) {
    std::unique_lock lock(mutex_);
    if (!done_.wait_until(lock, deadline, [this] { return under_way_ == 0; })) {
      return base::Error{base::ErrorCode::unavailable, "Kafka does not say what became of the events"};
    }
    if (error_) return base::Error{base::ErrorCode::unavailable, "the events cannot be published: " + error_->text};
    return std::move(refused_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t under_way_ = 0;
  Refused refused_;
  std::optional<base::Error> error_;
};

base::Result<std::unique_ptr<KafkaEventLog>> KafkaEventLog::make(const Options& options, Cluster& cluster) {
  const TopicNames names(options);
  // The records of a batch arrive all at once, so a short wait fills the requests.
  auto producer = Producer::make(
      options,
      {.name = "kafka-publisher",
       .properties = {{"linger.ms", "1"}, {"compression.codec", "lz4"}, {"message.max.bytes", kRecordBytesMax}},
       .topics = {names.sent, names.dead, names.requested}});
  if (!producer) return producer.error();
  return std::unique_ptr<KafkaEventLog>(new KafkaEventLog(options, cluster, std::move(*producer)));
}

base::Result<void> KafkaEventLog::publish(const std::vector<Stored>& sent,
                                          const std::vector<DeadLetter>& dead_letters) {
  const base::Timestamp now = base::wall_now();
  const auto refused = send_all(sent.size() + dead_letters.size(), [&](std::size_t at) -> Outgoing {
    if (at < sent.size()) return {{kSent}, wire::sent_record(sent[at], wire::stored_json(sent[at]))};
    return {{kDead}, wire::dead_letter_record(dead_letters[at - sent.size()], now)};
  });
  if (!refused) return refused.error();
  for (const auto& [at, error] : *refused) {
    auto sent_alone = at < sent.size() ? send_alone(sent[at]) : send_alone(dead_letters[at - sent.size()], now);
    if (!sent_alone) return sent_alone;
  }
  return {};
}

base::Result<std::vector<base::Result<void>>> KafkaEventLog::append_again(const std::vector<MovedRecord>& records) {
  const auto moved = [&](std::size_t at) -> Outgoing {
    LogRecord record = records[at].source.record;
    wire::note_moved_from(record, records[at].source.position);
    return {{kRequested, records[at].partition}, std::move(record)};
  };
  const auto refused = send_all(records.size(), moved);
  if (!refused) return refused.error();
  std::vector<base::Result<void>> answers(records.size());
  for (const auto& [at, error] : *refused) {
    answers[at] = send_alone(moved(at));
    if (!answers[at] && !is_refused(answers[at])) return answers[at].error();
  }
  return answers;
}

void KafkaEventLog::append_to(std::int32_t partition, const LogRecord& record, Producer::Handler handler) {
  if (const auto taken = producer_->produce(kRequested, record, handler, partition); !taken) handler(taken.error());
}

// Sends the records in their order, and only so many bytes at a time: records of other programs may be large.
base::Result<KafkaEventLog::Refused> KafkaEventLog::send_all(std::size_t count,
                                                             const std::function<Outgoing(std::size_t at)>& outgoing) {
  Refused refused;
  for (std::size_t at = 0; at < count;) {
    const auto round = std::make_shared<Round>();
    for (std::size_t bytes = 0; at < count && bytes < kRoundBytes; ++at) {
      const Outgoing one = outgoing(at);
      bytes += bytes_of(one.record);
      if (!produce(one, at, round)) break;
    }
    auto settled = round->wait(base::SteadyClock::now() + patience_);
    if (!settled) return settled.error();
    refused.merge(*settled);
  }
  return refused;
}

// `invalid`: the record is refused for good.
base::Result<void> KafkaEventLog::send_alone(const Outgoing& one) {
  const auto refused = send_all(1, [&](std::size_t /*at*/) { return one; });
  if (!refused) return refused.error();
  if (!refused->empty()) return refused->begin()->second;
  return {};
}

// False when the caller need not try more records: the round knows why.
bool KafkaEventLog::produce(const Outgoing& one, std::size_t at, const std::shared_ptr<Round>& round) {
  round->add();
  Producer::Handler handler = [round, at](const base::Result<Receipt>& result) { round->settle(at, result); };
  const auto taken = producer_->produce(one.target.topic, one.record, handler, one.target.partition);
  if (!taken) round->settle(at, taken.error());
  return taken || taken.error().code == base::ErrorCode::invalid;
}

base::Result<void> KafkaEventLog::send_alone(const Stored& stored) {
  auto sent = send_alone({{kSent}, wire::sent_record(stored, wire::stored_json(stored))});
  if (!is_refused(sent)) return sent;
  logging::error("An event cannot be published; clients find its message in the store: " + sent.error().text,
                 {{"messageId", base::to_hex(stored.id())}});
  return {};
}

base::Result<void> KafkaEventLog::send_alone(const DeadLetter& letter, base::Timestamp failed_at) {
  auto sent = send_alone({{kDead}, wire::dead_letter_record(letter, failed_at)});
  if (!is_refused(sent)) return sent;
  const std::string place = to_text(letter.source.position);
  logging::warning("A dead letter is too large for its topic, which holds a reference to the record instead",
                   {{"record", place}});
  sent = send_alone({{kDead}, wire::dead_letter_reference(letter, failed_at)});
  if (!is_refused(sent)) return sent;
  logging::error("A dead letter cannot be published: " + sent.error().text, {{"record", place}});
  return {};
}

}  // namespace message_service::kafka
