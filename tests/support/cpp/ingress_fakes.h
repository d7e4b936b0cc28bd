// For tests of the first stage: the real log and the real store with moods, and an answer to wait for.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/accept/ingress.h"
#include "ports/log_writer.h"
#include "support/cpp/real_store_reader.h"
#include "wire/event_json.h"

namespace message_service {

// The real log, which may hold appends back for a while, refuse them, or take them and say that nobody knows.
class CapriciousLog final : public LogWriter {
 public:
  enum class Mood { honest, holds_back, refuses, takes_and_does_not_know, drops_and_does_not_know };

  explicit CapriciousLog(LogWriter& real) : real_(real) {}

  std::atomic<Mood> mood = Mood::honest;
  std::atomic<int> appends = 0;

  void append_record(LogRecord record, std::optional<std::int32_t> partition, Handler handler) override {
    ++appends;
    switch (mood.load()) {
      case Mood::honest:
        return real_.append_record(std::move(record), partition, std::move(handler));
      case Mood::holds_back: {
        const std::scoped_lock lock(mutex_);
        held_.emplace_back(std::move(record), std::move(handler));
        return;
      }
      case Mood::refuses:
        return handler(base::Error{base::ErrorCode::refused, "the queue is full"});
      case Mood::takes_and_does_not_know:
        return real_.append_record(std::move(record), partition,
                                   [handler = std::move(handler)](const base::Result<Receipt>&) {
                                     handler(base::Error{base::ErrorCode::unknown, "no answer in time"});
                                   });
      case Mood::drops_and_does_not_know:
        return handler(base::Error{base::ErrorCode::unknown, "no answer in time"});
    }
  }
  void append(std::shared_ptr<const Admitted> message, Handler handler) override {
    append_record(wire::requested_record(message->message()), std::nullopt, std::move(handler));
  }
  void drain() override { real_.drain(); }

  // Appends what was held back.
  void let_go() {
    mood = Mood::honest;
    const std::scoped_lock lock(mutex_);
    for (auto& [record, handler] : held_) real_.append_record(std::move(record), std::nullopt, std::move(handler));
    held_.clear();
  }

 private:
  LogWriter& real_;
  std::mutex mutex_;
  std::vector<std::pair<LogRecord, Handler>> held_;
};

// One answer to come.
class Answer {
 public:
  Ingress::Handler handler() {
    return [state = state_](IngressOutcome outcome) {
      const std::scoped_lock lock(state->mutex);
      state->outcomes.push_back(std::move(outcome));
      state->came.notify_all();
    };
  }
  const IngressOutcome& get() const {
    std::unique_lock lock(state_->mutex);
    const bool came = state_->came.wait_for(lock, std::chrono::seconds(10), [&] { return !state_->outcomes.empty(); });
    if (!came) throw std::runtime_error("no answer");
    EXPECT_EQ(state_->outcomes.size(), 1u) << "answered exactly once";
    return state_->outcomes.front();
  }
  bool is_there() const {
    const std::scoped_lock lock(state_->mutex);
    return !state_->outcomes.empty();
  }
  const Message& accepted() const { return *std::get<Accepted>(get()).message; }
  const Stored& stored() const { return *std::get<StoredNow>(get()).stored; }
  base::ErrorCode error() const { return std::get<base::Error>(get()).code; }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable came;
    std::vector<IngressOutcome> outcomes;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// The real store, which notes on which threads its disk is read.
class NotedStore final : public RealStoreReader {
 public:
  using RealStoreReader::RealStoreReader;

  std::set<std::thread::id> readers() {
    const std::scoped_lock lock(mutex_);
    return readers_;
  }

  base::Result<std::optional<Conversation>> find_conversation(const std::string& id) override {
    note();
    return RealStoreReader::find_conversation(id);
  }
  base::Result<std::uint64_t> last_sequence(const std::string& id) override {
    note();
    return RealStoreReader::last_sequence(id);
  }
  base::Result<Page> page(const std::string& id, const PageQuery& query) override {
    note();
    return RealStoreReader::page(id, query);
  }
  base::Result<std::optional<StoredRow>> find_message(const std::string& conversation,
                                                      const ObjectIdBytes& id) override {
    note();
    return RealStoreReader::find_message(conversation, id);
  }
  base::Result<KeyLookup> find_by_temporary_id(const std::string& conversation, const std::string& id) override {
    note();
    return RealStoreReader::find_by_temporary_id(conversation, id);
  }

 private:
  void note() {
    const std::scoped_lock lock(mutex_);
    readers_.insert(std::this_thread::get_id());
  }

  std::mutex mutex_;
  std::set<std::thread::id> readers_;
};

}  // namespace message_service
