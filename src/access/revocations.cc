#include "access/revocations.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "logging/rare_line.h"

namespace message_service::access {

namespace {

constexpr auto kReadEvery = std::chrono::milliseconds(250);

}  // namespace

Revocations::Revocations(Store& store, StoreReader& reader, const Options& options, std::function<void()> changed)
    : store_(store), reader_(reader), options_(options), changed_(std::move(changed)) {}

void Revocations::start() {
  (void)read();
  thread_ = std::thread([this] { run(); });
}

void Revocations::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Revocations::run() {
  pthread_setname_np(pthread_self(), "revocations");
  logging::RareLine line(logging::Level::warning);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kReadEvery, [this] { return stopping_; })) {
    lock.unlock();
    if (const auto done = read(); !done) line.write("The revocations cannot be read: " + done.error().text);
    lock.lock();
  }
}

// One at a time: an answer that is older than another must not come after it.
base::Result<void> Revocations::read() {
  const std::scoped_lock lock(read_mutex_);
  const auto all = reader_.revocations();
  if (!all) return all.error();
  auto now = std::make_shared<BySubject>();
  for (const Revocation& one : *all) {
    base::Timestamp& before = (*now)[one.subject];
    before = std::max(before, one.issued_before);
  }
  const bool is_new = *known_.load() != *now;
  if (is_new) known_.store(std::move(now));
  // Once more the next time: a connection that was let in just before is open by then.
  if (is_new || was_new_) changed_();
  was_new_ = is_new;
  return {};
}

bool Revocations::has(const Identity& identity) const {
  const auto known = known_.load();
  const auto found = known->find(identity.subject);
  return found != known->end() && identity.issued_at < found->second;
}

base::Result<void> Revocations::add(const std::string& subject, base::Timestamp issued_before) {
  const base::Timestamp kept_until =
      issued_before + std::chrono::duration_cast<std::chrono::milliseconds>(options_.kept_for).count();
  if (auto kept = store_.revoke({subject, issued_before, kept_until}); !kept) return kept;
  return read();
}

}  // namespace message_service::access
