#include "pipeline/fanout/fanout.h"

#include <pthread.h>

#include <utility>

#include "base/backoff.h"
#include "observe/log.h"
#include "wire/event_json.h"

namespace message_service {

namespace {

constexpr std::size_t kRecordsMax = 1000;
constexpr auto kIdleWait = std::chrono::seconds(1);

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
  Backoff backoff(std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
  while (true) {
    const bool stopping = stopping_;
    const auto records = source_.poll(kRecordsMax, SteadyClock::now() + kIdleWait);
    if (!records) {
      log::error("The events cannot be read: " + records.error().text);
      if (stopping) return;
      std::this_thread::sleep_for(backoff.next());
      continue;
    }
    backoff.reset();
    if (!records->empty()) {
      deliver(*records);
    } else if (stopping) {
      return;
    }
  }
}

void Fanout::deliver(const std::vector<EventRecord>& records) {
  std::vector<Event> events;
  const Timestamp now = wall_now();
  for (const auto& [kind, record] : records) {
    if (!sink_.wants(record.key)) continue;
    if (kind == EventKind::rejected) {
      if (auto rejected = wire::read_rejection(record)) events.emplace_back(std::move(*rejected));
      continue;
    }
    auto sent = wire::read_sent(record);
    if (!sent) {
      log::error("An event cannot be read: " + sent.error().text);
      continue;
    }
    metrics_.end_to_end.broadcast.observe(static_cast<double>(now - sent->stored.message().requested_at) / 1000);
    events.emplace_back(std::move(*sent));
  }
  if (!events.empty()) sink_.deliver(std::move(events));
}

}  // namespace message_service
