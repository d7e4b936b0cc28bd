// How often a caller may do something. Leaving and closing have no limit.
//
// Owned by the service; any thread. Memory is fixed: `keys_max` for each limit.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "access/identity.h"
#include "base/bounds.h"
#include "base/token_buckets.h"
#include "http/routing/router.h"

namespace message_service::access {

enum class Limit : std::uint8_t {
  sign_in,        // refused tokens, by the address that sends them
  connects,       // new hub connections, by person
  joins,          // by person
  sends,          // messages and changes of participants, by person
  reads,          // of history, conversations and participants, by person
  conversations,  // messages, by conversation
};
inline constexpr std::array kLimits{Limit::sign_in, Limit::connects, Limit::joins,
                                    Limit::sends,   Limit::reads,    Limit::conversations};

constexpr std::string_view to_text(Limit limit) {
  switch (limit) {
    case Limit::sign_in:
      return "sign-in";
    case Limit::connects:
      return "connects";
    case Limit::joins:
      return "joins";
    case Limit::sends:
      return "sends";
    case Limit::reads:
      return "reads";
    case Limit::conversations:
      return "conversations";
  }
  return "";
}

struct RateLimitOptions {
  enum class Mode { off, dry_run, on };
  using Rate = base::TokenBuckets::Rate;
  static constexpr base::Bounds<std::uint64_t> rate_bounds{1, 1'000'000};

  Mode mode = Mode::on;  // dry_run: counts, and refuses nothing
  Rate sign_in{.per_second = 10, .burst = 100};
  Rate connects{.per_second = 5, .burst = 50};
  Rate joins{.per_second = 20, .burst = 1000};
  Rate sends{.per_second = 20, .burst = 200};
  Rate reads{.per_second = 50, .burst = 500};
  Rate conversations{.per_second = 500, .burst = 5000};
  std::size_t keys_max = 100'000;
  static constexpr base::Bounds<std::size_t> keys_bounds{8, 10'000'000};
};

// A refusal.
struct Limited {
  Limit limit;
  base::TokenBuckets::Rate rate;
  std::chrono::seconds retry_after;  // at least one
};

class RateLimits {
 public:
  // Sees each call over a limit; `refused`: false in a dry run.
  using Observer = std::function<void(Limit limit, bool refused)>;

  RateLimits(const RateLimitOptions& options, Observer over);

  // Takes the mode and the rates, and leaves the number of keys as it is.
  void set(const RateLimitOptions& options);

  // Nothing: go on. A null caller has no limits, for nobody is told from another without sign-in; back ends have none
  // of a person's.
  std::optional<Limited> take(Limit limit, const SharedIdentity& caller);
  std::optional<Limited> take_send(const SharedIdentity& caller, std::string_view conversation_id);

  // Of an address, before anybody is known. note_refused() counts a token that was refused.
  std::optional<Limited> look_at(const boost::asio::ip::address& address);
  void note_refused(const boost::asio::ip::address& address);

 private:
  std::optional<Limited> take(Limit limit, std::string_view key);
  std::optional<Limited> over(Limit limit, const base::TokenBuckets& buckets,
                              base::TokenBuckets::Verdict verdict) const;
  base::TokenBuckets& buckets_of(Limit limit) { return buckets_[static_cast<std::size_t>(limit)]; }

  std::atomic<RateLimitOptions::Mode> mode_;
  const Observer over_;
  std::array<base::TokenBuckets, kLimits.size()> buckets_;
};

// How long such a refusal waits before it is answered: whoever tries again at once would take the cores from the
// others.
inline constexpr std::chrono::milliseconds kSlowDown{100};

inline constexpr unsigned kTooMany = 429;

// 429 with Retry-After and the fields of draft-ietf-httpapi-ratelimit-headers-11.
http::Response too_many(const Limited& limited, const http::TraceId& trace_id);

// For people.
std::string to_text(const Limited& limited);

}  // namespace message_service::access
