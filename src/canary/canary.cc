#include "canary/canary.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/hex.h"
#include "base/random.h"
#include "canary/hearer.h"
#include "canary/probes.h"
#include "logging/rare_line.h"
#include "model/canary.h"
#include "runtime/spawn.h"
#include "signalr/protocol/message.h"
#include "wire/string_fields.h"

namespace message_service {

namespace {

constexpr std::string_view kSender = "canary";
constexpr std::string_view kSenderType = "System";

// At most 1,000 rows are kept: these, and those that come between two trims.
constexpr std::size_t kRowsKept = 500;
constexpr std::size_t kTrimFrom = 250;
constexpr std::chrono::milliseconds kReadAgain{1000};  // what was delivered and could not be read
constexpr auto kTrimInterval = std::chrono::minutes(1);

const std::string& conversation_id() {
  static const std::string id(kCanaryConversation);
  return id;
}

// This process's messages have temporary ids of their own.
std::string make_prefix() { return "canary-" + base::to_hex(base::random_bytes<8>()) + "-"; }

std::optional<std::uint64_t> number_of(std::string_view temporary_id, std::string_view prefix) {
  if (!temporary_id.starts_with(prefix)) return std::nullopt;
  temporary_id.remove_prefix(prefix.size());
  std::uint64_t number = 0;
  const auto read = std::from_chars(temporary_id.data(), temporary_id.data() + temporary_id.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

// Of a message or of a rejection.
std::string temporary_id_of(const api::HubAnnouncement& announcement) {
  std::optional<std::string> id;
  const auto* call = std::get_if<signalr::Invocation>(&announcement.message.message());
  const auto* json =
      call == nullptr || call->arguments.empty() ? nullptr : call->arguments[0].get_if<signalr::RawJson>();
  const std::array<wire::StringField, 1> fields{{{"temporaryMessageId", id}}};
  FieldErrors errors;
  if (json == nullptr || !wire::read_string_fields(json->text, fields, errors)) return {};
  return std::move(id).value_or("");
}

double seconds(Probes::Seconds time) { return time.count(); }

}  // namespace

// Everything but the thread. The ingress, the shards and blocking threads call it back.
class Canary::State : public std::enable_shared_from_this<State> {
 public:
  State(const Parts& parts, const Options& options)
      : parts_(parts),
        interval_(options.interval),
        probes_(parts.shards.size(), {.interval = options.interval}),
        joins_(parts.shards.size(), Join::none) {
    const auto& types = parts.limits.sender_types;
    const bool has_type = std::ranges::find(types, kSenderType) != types.end();
    sender_type_ = has_type || types.empty() ? std::string(kSenderType) : types.front();
  }

  void run() {
    pthread_setname_np(pthread_self(), "canary");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      is_due_ = false;
      lock.unlock();
      act();
      lock.lock();
      const auto rest = probes_.to_read() ? std::min(interval_, kReadAgain) : interval_;
      wake_.wait_for(lock, rest, [this] { return stopping_ || is_due_; });
    }
  }

  void stop() {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }

  // Call when the shards have stopped.
  void forget_hearers() { hearers_.clear(); }

  void show() const {
    const std::scoped_lock lock(mutex_);
    parts_.metrics.canary.waiting.set(seconds(probes_.waiting(base::SteadyClock::now())));
  }

 private:
  enum class Join { none, under_way, done };

  void act() {
    if (!prepare()) return;
    post();
    read();
    trim();
  }

  // Whether the conversation exists and every shard listens. What is missing is begun; act() follows when it is there.
  bool prepare() {
    std::unique_lock lock(mutex_);
    if (!exists_) {
      lock.unlock();
      begin(&State::in_store_, &State::create);
      return false;
    }
    bool all = true;
    for (std::size_t i = 0; i < joins_.size(); ++i) {
      all = all && joins_[i] == Join::done;
      if (joins_[i] != Join::none) continue;
      joins_[i] = Join::under_way;
      runtime::spawn(parts_.shards[i].executor(), join(shared_from_this(), i), "The canary's join");
    }
    return all;
  }

  void create() {
    const auto created = parts_.store.create_conversation({.id = conversation_id(),
                                                           .title = "The canary of message-service",
                                                           .participants = {},
                                                           .created_at = base::wall_now()});
    const auto trimmed = created ? parts_.store.trim_canary(kRowsKept) : base::Result<void>(created.error());
    const std::scoped_lock lock(mutex_);
    exists_ = trimmed.has_value();
    trimmed_at_ = base::SteadyClock::now();
    if (exists_) return act_soon();
    static logging::RareLine line(logging::Level::warning);
    line.write("The canary cannot begin: " + trimmed.error().text);
  }

  // On the shard's thread.
  static runtime::Awaitable<void> join(std::shared_ptr<State> state, std::size_t index) {
    ShardDelivery& delivery = state->parts_.delivery.on(state->parts_.shards[index]);
    auto hearer = std::make_shared<Hearer>(
        [state, index](const api::HubAnnouncement& announcement) { state->heard(announcement, index); });
    SharedSubscriber subscriber = hearer;
    std::string id = conversation_id();
    ShardDelivery::AskPermission permission = [] {
      return base::Result<ShardDelivery::Permission>(ShardDelivery::Permission{});
    };
    const auto joined = co_await delivery.join(subscriber, std::move(id), std::nullopt, std::move(permission));
    const std::scoped_lock lock(state->mutex_);
    state->joins_[index] = joined ? Join::done : Join::none;
    if (!joined) co_return;
    state->hearers_.push_back(std::move(hearer));
    if (state->hearers_.size() == state->joins_.size()) state->act_soon();
  }

  void post() {
    std::unique_lock lock(mutex_);
    const auto number = stopping_ ? std::nullopt : probes_.next(base::SteadyClock::now());
    if (!number) return;
    lock.unlock();
    Draft draft;
    draft.conversation_id = conversation_id();
    draft.temporary_message_id = prefix_ + std::to_string(*number);
    draft.sender_id = kSender;
    draft.sender_type = sender_type_;
    draft.content = "The canary's message " + std::to_string(*number);
    draft.by_back_end = true;
    parts_.ingress.accept(std::move(draft), [state = shared_from_this(), number = *number](
                                                const IngressOutcome& outcome) { state->answered(number, outcome); });
  }

  void answered(std::uint64_t number, const IngressOutcome& outcome) {
    const PublishOutcomes& posts = parts_.metrics.canary.posts;
    const auto* error = std::get_if<base::Error>(&outcome);
    const bool accepted = std::holds_alternative<Accepted>(outcome) || std::holds_alternative<StoredNow>(outcome);
    const bool unknown = error != nullptr && error->code == base::ErrorCode::unknown;
    (accepted ? posts.ok : unknown ? posts.unknown : posts.refused).increment();
    const std::scoped_lock lock(mutex_);
    if (!accepted) {
      static logging::RareLine line(logging::Level::warning);
      line.write("The canary's message was not accepted: " + (error != nullptr ? error->text : "it is invalid"));
      return probes_.refused(number);
    }
    const auto took = probes_.accepted(number, base::SteadyClock::now());
    if (took) parts_.metrics.canary.accepted.observe(seconds(*took));
    if (probes_.to_read()) act_soon();
  }

  // On a shard's thread.
  void heard(const api::HubAnnouncement& announcement, std::size_t shard) {
    const auto number = number_of(temporary_id_of(announcement), prefix_);
    const base::SteadyTime now = base::SteadyClock::now();
    const std::scoped_lock lock(mutex_);
    if (shard == 0) ++heard_;
    if (!number) return;  // another node's, or of an earlier process
    const CanaryMetrics& metrics = parts_.metrics.canary;
    if (announcement.sequence == 0) {
      if (probes_.rejected(*number, now)) lost(1, "became a dead letter");
      return;
    }
    const Probes::Arrival arrival = probes_.delivered(*number, now);
    if (arrival.overtaken > 0) lost(arrival.overtaken, "was overtaken by a later one");
    if (!arrival.complete) return;
    metrics.delivered.increment();
    metrics.delivered_after.observe(seconds(*arrival.complete));
    act_soon();
  }

  void lost(std::size_t count, std::string_view how) const {
    parts_.metrics.canary.lost.increment(static_cast<double>(count));
    static logging::RareLine line(logging::Level::warning);
    line.write(std::string("A message of the canary was accepted, and ").append(how));
  }

  void read() {
    {
      const std::scoped_lock lock(mutex_);
      if (!probes_.to_read()) return;
    }
    begin(&State::reading_, &State::read_now);
  }

  void read_now() {
    std::unique_lock lock(mutex_);
    const auto number = probes_.to_read();
    if (!number) return;
    lock.unlock();
    const auto found = parts_.reader.find_by_temporary_id(conversation_id(), prefix_ + std::to_string(*number));
    if (!found || !std::holds_alternative<StoredRow>(*found)) return;
    lock.lock();
    const auto took = probes_.read(*number, base::SteadyClock::now());
    if (took) parts_.metrics.canary.read_after.observe(seconds(*took));
  }

  void trim() {
    const base::SteadyTime now = base::SteadyClock::now();
    {
      const std::scoped_lock lock(mutex_);
      if (heard_ < kTrimFrom && now < trimmed_at_ + kTrimInterval) return;
    }
    begin(&State::in_store_, &State::trim_now);
  }

  void trim_now() {
    {
      const std::scoped_lock lock(mutex_);
      heard_ = 0;
      trimmed_at_ = base::SteadyClock::now();
    }
    const auto trimmed = parts_.store.trim_canary(kRowsKept);
    static logging::RareLine line(logging::Level::warning);
    if (!trimmed) line.write("The canary's messages cannot be trimmed: " + trimmed.error().text);
  }

  // Starts the work on a blocking thread, unless the same work is under way.
  void begin(bool State::*under_way, void (State::*work)()) {
    {
      const std::scoped_lock lock(mutex_);
      if (std::exchange(this->*under_way, true)) return;
    }
    const auto end = [this, under_way] {
      const std::scoped_lock lock(mutex_);
      this->*under_way = false;
    };
    const bool taken = parts_.blocking([state = shared_from_this(), work, end] {
      ((*state).*work)();
      end();
    });
    if (!taken) end();
  }

  // With the lock.
  void act_soon() {
    is_due_ = true;
    wake_.notify_all();
  }

  const Parts parts_;
  const std::chrono::milliseconds interval_;
  const std::string prefix_ = make_prefix();
  std::string sender_type_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool is_due_ = false;    // act() without waiting for the interval's end
  bool in_store_ = false;  // a blocking thread creates or trims
  bool reading_ = false;
  bool exists_ = false;  // the conversation
  Probes probes_;
  std::vector<Join> joins_;                       // by shard
  std::vector<std::shared_ptr<Hearer>> hearers_;  // which own this object, until they are forgotten
  std::size_t heard_ = 0;                         // messages of all nodes since the last trim
  base::SteadyTime trimmed_at_{};
};

Canary::Canary(const Parts& parts, const Options& options)
    : state_(std::make_shared<State>(parts, options)), thread_([state = state_] { state->run(); }) {}

Canary::~Canary() {
  stop();
  state_->forget_hearers();
}

void Canary::stop() {
  if (!thread_.joinable()) return;
  state_->stop();
  thread_.join();
}

void Canary::show() const { state_->show(); }

}  // namespace message_service
