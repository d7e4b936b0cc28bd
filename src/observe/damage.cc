#include "observe/damage.h"

#include <utility>

#include "logging/logging.h"

namespace message_service {

namespace {

constexpr int kLinesAMinute = 10;
constexpr std::size_t kNamedMax = 256;
constexpr auto kNamedFor = std::chrono::minutes(10);
constexpr auto kRecently = std::chrono::minutes(10);

}  // namespace

void Damage::left_out(std::string_view what, const std::string& text) {
  counter_.with(what).increment();
  const base::SteadyTime now = base::SteadyClock::now();
  std::uint64_t silent = 0;
  {
    const std::scoped_lock lock(mutex_);
    recent_ = recent_ > 0 && now - last_ < kRecently ? recent_ + 1 : 1;
    last_ = now;
    if (!may_log(text, now)) {
      ++silent_;
      return;
    }
    silent = std::exchange(silent_, 0);
  }
  logging::error("Left out, because it cannot be read: " + text, {{"what", what}, {"silentSince", silent}});
}

// A page that is asked for again and again meets the same row each time.
bool Damage::may_log(const std::string& text, base::SteadyTime now) {
  if (now - minute_begins_ >= std::chrono::minutes(1)) {
    minute_begins_ = now;
    lines_ = 0;
    std::erase_if(named_, [&](const auto& entry) { return now - entry.second >= kNamedFor; });
  }
  if (lines_ >= kLinesAMinute || named_.size() >= kNamedMax || named_.contains(text)) return false;
  named_.emplace(text, now);
  ++lines_;
  return true;
}

std::string Damage::standing() const {
  const std::scoped_lock lock(mutex_);
  if (recent_ == 0 || base::SteadyClock::now() - last_ >= kRecently) return {};
  return "some stored data cannot be read and is left out (" + std::to_string(recent_) +
         " times lately); the log and doctor name it";
}

}  // namespace message_service
