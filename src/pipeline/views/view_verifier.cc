#include "pipeline/views/view_verifier.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace message_service {

namespace {

constexpr int kNice = 10;  // of the thread: whoever reports much takes nothing from those who send

// The one who answers for a report.
const std::string& author_of(const ViewReport& report) {
  return report.person.empty() ? report.connection_id : report.person;
}

std::string text_of(const ViewReport& report, const ViewComparison& comparison) {
  std::string text = "A client's view is not what is stored: " + std::string(to_text(comparison.outcome)) + " in " +
                     report.conversation_id + ", sequences " + std::to_string(report.from) + " to " +
                     std::to_string(report.to) + ": " + std::to_string(report.count) + " messages, " +
                     std::to_string(comparison.stored) + " stored";
  if (comparison.sequence) text += ", sequence " + std::to_string(*comparison.sequence);
  return text + "; says connection " + report.connection_id +
         (report.person.empty() ? std::string() : " of " + report.person);
}

}  // namespace

ViewVerifier::ViewVerifier(StoreReader& store, const Metrics& metrics, const Options& options)
    : store_(store),
      reports_total_(metrics.view_reports),
      messages_total_(metrics.view_messages),
      options_(options),
      figures_{.since = base::wall_now()} {}

ViewVerifier::~ViewVerifier() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

base::Result<void> ViewVerifier::submit(ViewReport report) {
  const base::SteadyTime now = base::SteadyClock::now();
  {
    const std::scoped_lock lock(mutex_);
    clients_.note(report.connection_id, now);
    conversations_.note(report.conversation_id, now);
    const auto own = waiting_of_.find(author_of(report));
    const bool is_greedy = own != waiting_of_.end() && own->second >= options_.waiting_of_one_max;
    if (is_greedy || waiting_.size() + under_way_ >= options_.waiting_max) {
      reports_total_.with("refused").increment();
      return base::Error{base::ErrorCode::refused, is_greedy ? "your earlier reports wait to be compared"
                                                             : "too many reports wait to be compared"};
    }
    waiting_of_[author_of(report)] += 1;
    waiting_.emplace(now, Job{.report = std::move(report), .first_at = now});
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  wake_.notify_one();
  return {};
}

void ViewVerifier::run() {
  pthread_setname_np(pthread_self(), "views");
  (void)setpriority(PRIO_PROCESS, 0, kNice);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const base::SteadyTime due = waiting_.begin()->first;
    if (due > base::SteadyClock::now()) {
      wake_.wait_until(lock, due);
      continue;
    }
    Job job = std::move(waiting_.extract(waiting_.begin()).mapped());
    under_way_ = 1;
    lock.unlock();
    compare(std::move(job));
    lock.lock();
    under_way_ = 0;
  }
}

// Blocks for the store.
void ViewVerifier::compare(Job job) {
  const auto comparison = compare_view(store_, job.report);
  const base::SteadyTime now = base::SteadyClock::now();
  job.comparisons += 1;
  const bool is_ahead = comparison && comparison->outcome == ViewOutcome::ahead;
  if (comparison && comparison->outcome == ViewOutcome::equal) {
    finish(job, to_text(ViewOutcome::equal));
  } else if (is_ahead ? now - job.first_at < options_.ahead_for : job.comparisons < options_.comparisons) {
    compare_again(std::move(job), now);
  } else if (!comparison) {
    finish(job, "unread");
  } else {
    ViewComparison final = *comparison;
    if (is_ahead) final.outcome = ViewOutcome::phantom;
    remember(job, final);
    finish(job, to_text(final.outcome));
  }
}

// Later each time, so that a store that is far behind is not asked all the time.
void ViewVerifier::compare_again(Job job, base::SteadyTime now) {
  const auto wait = options_.again_after * std::clamp(job.comparisons - options_.comparisons, 1, 8);
  const std::scoped_lock lock(mutex_);
  waiting_.emplace(now + wait, std::move(job));
}

void ViewVerifier::finish(const Job& job, std::string_view outcome) {
  reports_total_.with(outcome).increment();
  const bool is_equal = outcome == to_text(ViewOutcome::equal);
  if (is_equal) messages_total_.increment(static_cast<double>(job.report.count));
  const std::scoped_lock lock(mutex_);
  figures_.reports += 1;
  if (is_equal) figures_.messages += job.report.count;
  const auto own = waiting_of_.find(author_of(job.report));
  if (--own->second == 0) waiting_of_.erase(own);
}

// A person who reports nonsense takes the place of its own older reports, not of others'.
void ViewVerifier::remember(const Job& job, const ViewComparison& comparison) {
  {
    const std::scoped_lock lock(mutex_);
    auto& last = figures_.last;
    figures_.mismatches += 1;
    const auto is_own = [&](const ViewMismatch& other) { return author_of(other.report) == author_of(job.report); };
    const auto own = static_cast<std::size_t>(std::ranges::count_if(last, is_own));
    if (own >= options_.kept_of_one_max) {
      last.erase(std::ranges::find_if(last, is_own));
    } else if (last.size() >= options_.kept_max) {
      last.pop_front();
    }
    last.push_back(
        {.number = figures_.mismatches, .found_at = base::wall_now(), .report = job.report, .comparison = comparison});
  }
  line_.write(text_of(job.report, comparison));
}

ViewFigures ViewVerifier::figures() {
  const base::SteadyTime now = base::SteadyClock::now();
  const std::scoped_lock lock(mutex_);
  ViewFigures figures = figures_;
  figures.clients = clients_.count(now);
  figures.conversations = conversations_.count(now);
  figures.waiting = waiting_.size() + under_way_;
  return figures;
}

}  // namespace message_service
