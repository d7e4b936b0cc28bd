#include "adapters/kafka/event_publisher.h"

#include <condition_variable>
#include <mutex>
#include <optional>

#include "adapters/kafka/topic_names.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::kafka {

namespace {

constexpr std::size_t kSent = 0;
constexpr std::size_t kDead = 1;

}  // namespace

// One publish(): counts what is under way. Outlives a publisher that waited in vain.
class KafkaEventPublisher::Call {
 public:
  void add() {
    const std::scoped_lock lock(mutex_);
    ++under_way_;
  }

  void settle(const Result<Receipt>& result) {
    const std::scoped_lock lock(mutex_);
    if (!result && !error_) error_ = result.error();
    if (--under_way_ == 0) done_.notify_one();
  }

  Result<void> wait(SteadyTime deadline) {
    std::unique_lock lock(mutex_);
    if (!done_.wait_until(lock, deadline, [this] { return under_way_ == 0; })) {
      return Error{ErrorCode::unavailable, "Kafka does not say what became of the events"};
    }
    if (error_) return Error{ErrorCode::unavailable, "the events cannot be published: " + error_->text};
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t under_way_ = 0;
  std::optional<Error> error_;
};

Result<std::unique_ptr<KafkaEventPublisher>> KafkaEventPublisher::make(const Options& options) {
  const TopicNames names(options);
  // A batch comes all at once, so a short wait fills the requests; dead letters are larger than what they came from.
  auto producer = Producer::make(
      options, {.name = "kafka-publisher",
                .properties = {{"linger.ms", "1"}, {"compression.codec", "lz4"}, {"message.max.bytes", "2097152"}},
                .topics = {names.sent, names.dead}});
  if (!producer) return producer.error();
  return std::unique_ptr<KafkaEventPublisher>(new KafkaEventPublisher(options, std::move(*producer)));
}

Result<void> KafkaEventPublisher::publish(const std::vector<Stored>& sent,
                                          const std::vector<DeadLetter>& dead_letters) {
  const SteadyTime deadline = SteadyClock::now() + patience_;
  const auto call = std::make_shared<Call>();
  for (const Stored& stored : sent) {
    if (!produce(kSent, wire::sent_record(stored, wire::stored_json(stored)), call)) break;
  }
  const Timestamp now = wall_now();
  for (const DeadLetter& letter : dead_letters) {
    if (!produce(kDead, wire::dead_letter_record(letter, now), call)) break;
  }
  return call->wait(deadline);
}

// False when it was not taken, which the call then knows.
bool KafkaEventPublisher::produce(std::size_t topic, const LogRecord& record, const std::shared_ptr<Call>& call) {
  call->add();
  Producer::Handler handler = [call](const Result<Receipt>& result) { call->settle(result); };
  const auto taken = producer_->produce(topic, record, handler);
  if (!taken) call->settle(taken.error());
  return taken.has_value();
}

}  // namespace message_service::kafka
