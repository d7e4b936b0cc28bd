#include "access/rate_limits.h"

#include <algorithm>
#include <utility>

#include "http/codec/problem.h"

namespace message_service::access {

namespace {

// A network of IPv6 has 2^64 addresses for one person.
std::string key_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.begin() + bytes.size() / 2};
}

bool is_back_end(const Identity& caller) { return caller.sees_all() || caller.scopes.has(Scope::operate); }

}  // namespace

RateLimits::RateLimits(const RateLimitOptions& options, Observer over)
    : mode_(options.mode),
      over_(std::move(over)),
      buckets_{base::TokenBuckets(options.sign_in, options.keys_max),
               base::TokenBuckets(options.connects, options.keys_max),
               base::TokenBuckets(options.joins, options.keys_max),
               base::TokenBuckets(options.sends, options.keys_max),
               base::TokenBuckets(options.reads, options.keys_max),
               base::TokenBuckets(options.conversations, options.keys_max)} {}

void RateLimits::set(const RateLimitOptions& options) {
  mode_ = options.mode;
  buckets_of(Limit::sign_in).set_rate(options.sign_in);
  buckets_of(Limit::connects).set_rate(options.connects);
  buckets_of(Limit::joins).set_rate(options.joins);
  buckets_of(Limit::sends).set_rate(options.sends);
  buckets_of(Limit::reads).set_rate(options.reads);
  buckets_of(Limit::conversations).set_rate(options.conversations);
}

std::optional<Limited> RateLimits::take(Limit limit, const SharedIdentity& caller) {
  if (!caller || is_back_end(*caller)) return std::nullopt;
  return take(limit, std::string_view(caller->subject));
}

std::optional<Limited> RateLimits::take_send(const SharedIdentity& caller, std::string_view conversation_id) {
  if (!caller) return std::nullopt;
  if (auto limited = take(Limit::sends, caller)) return limited;
  return take(Limit::conversations, conversation_id);
}

std::optional<Limited> RateLimits::take(Limit limit, std::string_view key) {
  if (mode_ == RateLimitOptions::Mode::off) return std::nullopt;
  base::TokenBuckets& buckets = buckets_of(limit);
  return over(limit, buckets, buckets.take(key, base::SteadyClock::now()));
}

std::optional<Limited> RateLimits::look_at(const boost::asio::ip::address& address) {
  if (mode_ == RateLimitOptions::Mode::off) return std::nullopt;
  base::TokenBuckets& buckets = buckets_of(Limit::sign_in);
  return over(Limit::sign_in, buckets, buckets.look(key_of(address), base::SteadyClock::now()));
}

void RateLimits::note_refused(const boost::asio::ip::address& address) {
  if (mode_ == RateLimitOptions::Mode::off) return;
  (void)buckets_of(Limit::sign_in).take(key_of(address), base::SteadyClock::now());
}

std::optional<Limited> RateLimits::over(Limit limit, const base::TokenBuckets& buckets,
                                        base::TokenBuckets::Verdict verdict) const {
  if (verdict.allowed) return std::nullopt;
  const bool refused = mode_ == RateLimitOptions::Mode::on;
  over_(limit, refused);
  if (!refused) return std::nullopt;
  return Limited{.limit = limit,
                 .rate = buckets.rate(),
                 .retry_after = std::chrono::ceil<std::chrono::seconds>(verdict.retry_after)};
}

http::Response too_many(const Limited& limited, const http::TraceId& trace_id) {
  const std::string name = "\"" + std::string(to_text(limited.limit)) + "\"";
  const std::string wait = std::to_string(limited.retry_after.count());
  const auto& [per_second, burst] = limited.rate;
  const std::uint64_t window = std::max<std::uint64_t>(1, burst / std::max<std::uint64_t>(1, per_second));
  http::Problem problem{.status = kTooMany, .detail = to_text(limited)};
  problem.reason = "rate-limit";
  auto response = http::problem_response(problem, trace_id);
  response.headers.emplace_back("Retry-After", wait);
  response.headers.emplace_back("RateLimit-Policy",
                                name + ";q=" + std::to_string(burst) + ";w=" + std::to_string(window));
  response.headers.emplace_back("RateLimit", name + ";r=0;t=" + wait);
  return response;
}

std::string to_text(const Limited& limited) {
  return "too many requests of the kind \"" + std::string(to_text(limited.limit)) + "\"; try again in " +
         std::to_string(limited.retry_after.count()) + " s";
}

}  // namespace message_service::access
