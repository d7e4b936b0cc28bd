#include "cli/verify_live.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "base/json_object_writer.h"
#include "cli/commands.h"
#include "runtime/interrupt.h"
#include "verify/live_views.h"

namespace message_service::cli {

namespace {

constexpr auto kAskTimeout = std::chrono::seconds(10);
constexpr std::size_t kAnswerBytesMax = std::size_t{4} << 20;

std::string figures_text(const verify::LiveViews& views, std::uint64_t found) {
  return "clients " + std::to_string(views.clients) + ", conversations " + std::to_string(views.conversations) +
         ", reports " + std::to_string(views.reports) + ", messages " + std::to_string(views.messages) + ", waiting " +
         std::to_string(views.waiting) + ", mismatches " + std::to_string(found);
}

std::string figures_json(const verify::LiveViews& views, std::uint64_t found) {
  std::string json;
  base::JsonObjectWriter(json)
      .number("clients", views.clients)
      .number("conversations", views.conversations)
      .number("reports", views.reports)
      .number("messages", views.messages)
      .number("waiting", views.waiting)
      .number("mismatches", found)
      .close();
  return json;
}

// What has been found since the command began: a node that starts anew counts from 0.
class Follower {
 public:
  explicit Follower(bool json) : json_(json) {}

  void take(const verify::LiveViews& views) {
    if (views.since != since_) {
      const bool is_first = since_.empty();
      since_ = views.since;
      told_ = is_first ? views.mismatches : 0;
      if (is_first && told_ > 0) {
        std::fprintf(stderr, "%llu mismatches were found before\n", static_cast<unsigned long long>(told_));
      }
    }
    for (const verify::LiveMismatch& mismatch : views.last) {
      if (mismatch.number > told_) std::puts((json_ ? mismatch.json : mismatch.text).c_str());
    }
    found_ += views.mismatches - told_;
    told_ = views.mismatches;
    std::string line = json_ ? figures_json(views, found_) : figures_text(views, found_);
    if (line != line_) std::puts(line.c_str());
    line_ = std::move(line);
  }

  std::uint64_t found() const { return found_; }
  const std::string& last_line() const { return line_; }

 private:
  const bool json_;
  std::string since_;
  std::uint64_t told_ = 0;  // the number of the last mismatch of this node
  std::uint64_t found_ = 0;
  std::string line_;
};

}  // namespace

int verify_live(const LiveOptions& options) {
  const auto client = operator_client(options.access, kAskTimeout, {.body_bytes_max = kAnswerBytesMax});
  if (!client) return 2;
  const runtime::InterruptGuard guard;
  Follower follower(options.json);
  do {
    const auto views = verify::ask_views(*client);
    if (!views) return runtime::interrupted() ? follower.found() > 0 : failed(views.error());
    follower.take(*views);
    if (std::fflush(stdout) != 0) break;  // nobody reads any more
    if (options.until_fault && follower.found() > 0) break;
  } while (runtime::wait_unless_interrupted(std::chrono::duration<double>(options.interval)));
  std::fprintf(stderr, "%s\n", follower.last_line().c_str());
  return follower.found() > 0 ? 1 : 0;
}

}  // namespace message_service::cli
