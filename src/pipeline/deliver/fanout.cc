#include "pipeline/deliver/fanout.h"

#include <pthread.h>

#include <utility>

#include "base/backoff.h"
#include "logging/logging.h"

namespace message_service {

namespace {

constexpr std::size_t kRecordsMax = 1000;
constexpr auto kPollWait = std::chrono::seconds(1);

}  // namespace

Fanout::Fanout(EventSource& source, EventSink& sink, Metrics& metrics)
    : source_(source), sink_(sink), metrics_(metrics) {}

Fanout::~Fanout() { stop(); }

void Fanout::start() {
  thread_ = std::thread([this] { run(); });
}

void Fanout::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  source_.interrupt();
  thread_.join();
}

void Fanout::run() {
  pthread_setname_np(pthread_self(), "fanout");
  base::Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
  const EventSource::Interest wanted = [this](std::string_view conversation_id) {
    return sink_.wants(conversation_id);
  };
  while (!stopping_ || !source_.at_end()) {
    auto polled = source_.poll(kRecordsMax, base::SteadyClock::now() + kPollWait, wanted);
    if (polled) {
      backoff.reset();
      if (polled->gap) sink_.missed();
      for (const std::string& conversation_id : polled->unreadable_in) sink_.missed_in(conversation_id);
      deliver(std::move(polled->events));
      continue;
    }
    logging::error("The events cannot be read: " + polled.error().text);
    if (stopping_) return;
    std::this_thread::sleep_for(backoff.next());
  }
}

void Fanout::deliver(std::vector<Event> events) {
  if (events.empty()) return;
  const base::Timestamp now = base::wall_now();
  for (const Event& event : events) {
    if (const auto* sent = std::get_if<MessageSent>(&event)) {
      metrics_.end_to_end.broadcast.observe(static_cast<double>(now - sent->stored.message().requested_at) / 1000);
    }
  }
  sink_.deliver(std::move(events));
}

}  // namespace message_service
