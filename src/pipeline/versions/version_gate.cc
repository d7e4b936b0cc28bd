#include "pipeline/versions/version_gate.h"

#include <pthread.h>

#include <utility>

#include "logging/logging.h"

namespace message_service {

namespace {

std::string too_old(int allowed, int reads) {
  return "the nodes of this service may write records of version " + std::to_string(allowed) +
         ", and this program reads up to version " + std::to_string(reads) +
         ". Start a newer program of message-service; see docs/upgrading.md";
}

}  // namespace

base::Result<void> VersionGate::enter() {
  sign_of_life();
  if (const std::string text = problem(); !text.empty()) return base::Error{base::ErrorCode::invalid, text};
  return {};
}

void VersionGate::start() {
  thread_ = std::thread([this] { run(); });
}

void VersionGate::stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  versions_.leave(node_.id);
}

bool VersionGate::may_write(int version) {
  if (version <= allowed_.load(std::memory_order_acquire)) return true;
  if (version > node_.reads) return false;
  int wanted = wanted_.load();
  while (wanted < version && !wanted_.compare_exchange_weak(wanted, version)) {
  }
  if (wanted >= version) return false;  // another call has asked for it before
  {
    const std::scoped_lock lock(mutex_);
    asked_ = true;
  }
  wake_.notify_all();
  return false;
}

std::string VersionGate::problem() const {
  const int allowed = allowed_.load(std::memory_order_acquire);
  return allowed > node_.reads ? too_old(allowed, node_.reads) : "";
}

void VersionGate::run() {
  pthread_setname_np(pthread_self(), "versions");
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kSignOfLifeEvery, [this] { return stopping_ || asked_; }) || !stopping_) {
    asked_ = false;
    lock.unlock();
    sign_of_life();
    ask_for_more();
    lock.lock();
  }
}

void VersionGate::sign_of_life() {
  node_.waits = waits_();
  const auto allowed = versions_.sign_of_life(node_);
  if (!allowed) return trouble("The other nodes cannot be told of this one: " + allowed.error().text);
  note(*allowed);
  if (wanted_ <= allowed_) trouble_.clear();
}

void VersionGate::ask_for_more() {
  const int wanted = wanted_;
  if (wanted <= allowed_) return;
  const auto allowance = versions_.allow(wanted);
  const std::string what = "Records of version " + std::to_string(wanted) + " may not be written yet: ";
  if (!allowance) return trouble(what + allowance.error().text);
  note(allowance->version);
  if (wanted > allowance->version) trouble(what + allowance->held_back_by);
}

void VersionGate::note(int allowed) {
  if (allowed <= allowed_) return;
  allowed_.store(allowed, std::memory_order_release);
  if (allowed > node_.reads) {
    logging::error("This node is too old: " + too_old(allowed, node_.reads));
  } else if (allowed > 1) {
    logging::info("Records of version " + std::to_string(allowed) + " may be written", {{"version", allowed}});
  }
}

void VersionGate::trouble(const std::string& what) {
  if (what == trouble_) return;
  trouble_ = what;
  logging::warning(what);
}

}  // namespace message_service
