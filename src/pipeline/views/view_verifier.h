// Compares what clients report with the store, one report after the other, and remembers the differences.
//
// Owned by the service; any thread calls it. Its own thread reads the store: begun by the first report, ended by the
// destructor. A difference counts once it has stayed for a while, for the store of this node may be behind a client.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/bounds.h"
#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "logging/rare_line.h"
#include "observe/metrics.h"
#include "pipeline/views/compare_view.h"
#include "pipeline/views/recently_seen.h"
#include "pipeline/views/view_report.h"
#include "ports/store_reader.h"

namespace message_service {

struct ViewMismatch {
  std::uint64_t number = 0;  // from 1, never used again
  base::Timestamp found_at = 0;
  ViewReport report;
  ViewComparison comparison;
};

// A moment's figures.
struct ViewFigures {
  base::Timestamp since = 0;      // the node began to count
  std::size_t clients = 0;        // connections that reported within the last minute
  std::size_t conversations = 0;  // of their reports
  std::uint64_t reports = 0;      // compared
  std::uint64_t messages = 0;     // counted by reports that are equal
  std::uint64_t mismatches = 0;
  std::size_t waiting = 0;
  std::deque<ViewMismatch> last;  // the newest last
};

class ViewVerifier {
 public:
  struct Options {
    std::size_t waiting_max = 1024;
    static constexpr base::Bounds<std::size_t> waiting_bounds{1, 1'000'000};
    std::size_t waiting_of_one_max = 8;  // of a person, or of a connection without sign-in
    std::chrono::milliseconds again_after{500};
    int comparisons = 4;                          // of a report that differs
    std::chrono::milliseconds ahead_for{30'000};  // how long the store may take to hold what a client has
    std::size_t kept_max = 256;
    std::size_t kept_of_one_max = 16;  // of a person, or of a connection without sign-in
  };

  // They outlive it.
  ViewVerifier(StoreReader& store, const Metrics& metrics, const Options& options);
  ~ViewVerifier();
  ViewVerifier(const ViewVerifier&) = delete;
  ViewVerifier& operator=(const ViewVerifier&) = delete;

  // `refused`: too many wait, and this one is not compared.
  base::Result<void> submit(ViewReport report);

  // Counts a report that lies before what its reader may see of the conversation.
  void pass_over() { reports_total_.with("outside").increment(); }

  ViewFigures figures();

 private:
  struct Job {
    ViewReport report;
    base::SteadyTime first_at;
    int comparisons = 0;
  };

  void run();
  void compare(Job job);
  void compare_again(Job job, base::SteadyTime now);
  void finish(const Job& job, std::string_view outcome);
  void remember(const Job& job, const ViewComparison& comparison);

  StoreReader& store_;
  const telemetry::CounterFamily reports_total_;
  const telemetry::Counter messages_total_;
  const Options options_;
  logging::RareLine line_{logging::Level::error, std::chrono::seconds(6)};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::multimap<base::SteadyTime, Job> waiting_;                                               // by when they are due
  std::unordered_map<std::string, std::size_t, base::KeyedHash, std::equal_to<>> waiting_of_;  // by author
  std::size_t under_way_ = 0;
  ViewFigures figures_;
  RecentlySeen clients_, conversations_;
  std::thread thread_;
};

}  // namespace message_service
