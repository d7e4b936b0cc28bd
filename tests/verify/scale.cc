// Feeds a made-up history without a fault to the checker behind `message-service verify`, as if it were read from
// files, and says what was claimed, how long it took and how much memory.
//
//   verify-scale MESSAGES [CONVERSATIONS] [MEMORY_MB]
//
// Each message is sent, answered, listed and seen by one client; one in 50 is refused, one in 64 has no answer, and
// half of those are stored. Four at a time are under way in a conversation, and are stored in any order. Ends with 1
// when anything is claimed.
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "verify/checker.h"

namespace {

using namespace message_service::verify;

constexpr std::uint64_t kUnderWay = 4;
constexpr std::uint64_t kChunk = 64 * kUnderWay;  // of one conversation, before the next one has its turn

std::uint64_t mix(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
  return number ^ (number >> 31);
}

struct Message {
  std::uint64_t conversation, number;

  std::uint64_t dice() const { return mix((conversation << 40) ^ number); }
  bool is_refused() const { return dice() % 50 == 7; }
  bool is_unknown() const { return !is_refused() && dice() % 64 == 3; }
  bool is_stored() const { return !is_refused() && !(is_unknown() && (dice() >> 32) % 2 == 0); }
  std::string key() const { return "key-" + std::to_string(conversation) + "-" + std::to_string(number); }
  std::string content() const { return "text " + std::to_string(dice()); }
};

class Maker {
 public:
  Maker(Checker& checker, std::uint64_t messages, std::uint64_t conversations)
      : checker_(checker), each_(messages / conversations), conversations_(conversations) {}

  void run() {
    checker_.begin_file(0);
    for (std::uint64_t first = 0; first < each_; first += kChunk) {
      for (std::uint64_t c = 0; c < conversations_; ++c) send(c, first, std::min(first + kChunk, each_));
    }
    checker_.begin_file(1);
    for (std::uint64_t c = 0; c < conversations_; ++c) list(c);
    checker_.begin_file(2);
    for (std::uint64_t c = 0; c < conversations_; ++c) watch(c);
  }

 private:
  static std::string name(std::uint64_t conversation) { return "conversation-" + std::to_string(conversation); }

  void add(const HistoryEvent& event) {
    const auto added = checker_.add(event, ++line_);
    if (!added) {
      std::fprintf(stderr, "line %llu: %s\n", static_cast<unsigned long long>(line_), added.error().text.c_str());
      std::exit(2);
    }
  }

  void send(std::uint64_t conversation, std::uint64_t first, std::uint64_t end) {
    const std::string id = name(conversation);
    for (std::uint64_t at = first; at < end; at += kUnderWay) {
      const auto each = [&](bool is_answer) {
        for (std::uint64_t number = at; number < std::min(at + kUnderWay, end); ++number) {
          const Message message{conversation, number};
          const std::string key = message.key();
          const std::string content = message.content();
          HistoryEvent event{.kind = is_answer ? EventKind::sent : EventKind::sending,
                             .conversation_id = id,
                             .key = key,
                             .at_ms = static_cast<double>(at * 10 + (is_answer ? 8 : number % kUnderWay))};
          if (!is_answer) event.content = content;
          if (message.is_unknown() && is_answer) continue;
          event.outcome = message.is_refused() ? SendOutcome::refused : SendOutcome::ok;
          add(event);
        }
      };
      each(false);
      each(true);
    }
  }

  // Calls with each stored message, in the order of the store.
  template <class Use>
  void each_stored(std::uint64_t conversation, const Use& use) {
    const std::string id = name(conversation);
    std::uint64_t sequence = 0;
    for (std::uint64_t at = 0; at < each_; at += kUnderWay) {
      const std::uint64_t turn = mix(at) % kUnderWay;
      for (std::uint64_t n = 0; n < kUnderWay; ++n) {
        const Message message{conversation, at + (n + turn) % kUnderWay};
        if (message.number >= each_ || !message.is_stored()) continue;
        sequence += mix(message.number) % 1000 == 0 ? 2 : 1;  // somebody joined or left
        const std::string key = message.key();
        const std::string content = message.content();
        use(SeenMessage{.id = key,
                        .key = key,
                        .conversation_id = id,
                        .sender_id = "parent-001",
                        .sender_type = "Parent",
                        .content = content,
                        .sent_at = "2026-01-27T10:30:00.000Z",
                        .sequence = sequence});
      }
    }
  }

  void list(std::uint64_t conversation) {
    const std::string id = name(conversation);
    add({.kind = EventKind::listing, .conversation_id = id});
    each_stored(conversation,
                [&](const SeenMessage& message) { add({.kind = EventKind::stored, .message = message}); });
    add({.kind = EventKind::listed, .conversation_id = id});
  }

  void watch(std::uint64_t conversation) {
    const std::string id = name(conversation);
    const std::uint64_t after = conversation % 7;
    add({.kind = EventKind::view, .conversation_id = id, .view = id, .sequence = after});
    std::uint64_t last = after;
    each_stored(conversation, [&](const SeenMessage& message) {
      if (message.sequence <= after) return;
      add({.kind = EventKind::received, .view = id, .message = message});
      last = message.sequence;
    });
    add({.kind = EventKind::settled, .view = id, .sequence = last});
  }

  Checker& checker_;
  const std::uint64_t each_, conversations_;
  std::uint64_t line_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int index, std::uint64_t fallback) {
    return argc > index ? std::strtoull(argv[index], nullptr, 10) : fallback;
  };
  const std::uint64_t messages = number(1, 1'000'000);
  const std::uint64_t conversations = std::max<std::uint64_t>(number(2, 1000), 1);
  const auto started = std::chrono::steady_clock::now();
  Checker checker({.memory_bytes = number(3, 512) << 20});
  Maker(checker, messages, conversations).run();
  const auto report = checker.finish();
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().text.c_str());
    return 2;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf(
      R"({"writes":%llu,"stored":%llu,"seen":%llu,"conversations":%llu,"faults":%llu,"seconds":%.1f,"peakMb":%ld})"
      "\n",
      static_cast<unsigned long long>(report->counts.writes), static_cast<unsigned long long>(report->counts.stored),
      static_cast<unsigned long long>(report->counts.seen),
      static_cast<unsigned long long>(report->counts.conversations),
      static_cast<unsigned long long>(report->faults_found()), seconds, usage.ru_maxrss / 1024);
  return report->faults_found() == 0 ? 0 : 1;
}
