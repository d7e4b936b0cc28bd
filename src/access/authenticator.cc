#include "access/authenticator.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "runtime/await_callback.h"

namespace message_service::access {

namespace {

constexpr auto kWaitForKey = std::chrono::seconds(1);

base::Timestamp in_ms(std::chrono::milliseconds time) { return time.count(); }

}  // namespace

Authenticator::Authenticator(const Options& options, KeyStore& keys) : options_(options), keys_(keys) {}

std::size_t Authenticator::DigestHash::operator()(const Digest& digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

// Half of SHA-256: two tokens of the same digest cannot be found.
Authenticator::Digest Authenticator::digest_of(std::string_view token) {
  const base::Sha256 whole = base::sha256_of_parts({token});
  Digest digest;
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

SharedIdentity Authenticator::remembered(std::string_view token) {
  return token.empty() ? nullptr : find(digest_of(token), keys_.current(), base::wall_now());
}

runtime::Awaitable<Authenticator::Outcome> Authenticator::authenticate(runtime::Shard& shard,
                                                                       const std::string& token) {
  const Digest digest = digest_of(token);
  auto keys = keys_.current();
  if (auto identity = find(digest, keys, base::wall_now())) co_return identity;
  Checked checked = check(token, keys, base::wall_now());
  if (checked.key_is_unknown) {
    const auto ask = [this](auto done) { keys_.refresh([done] { done(true); }); };
    co_await runtime::await_callback<bool>(shard, ask, kWaitForKey, [] { return false; });
    keys = keys_.current();
    checked = check(token, keys, base::wall_now());
  }
  if (const auto* identity = std::get_if<SharedIdentity>(&checked.outcome)) remember(digest, {*identity, keys});
  co_return std::move(checked.outcome);
}

Authenticator::Checked Authenticator::check(const std::string& token, const std::shared_ptr<const Keys>& keys,
                                            base::Timestamp now) const {
  if (keys->set.keys().empty() || keys->issuers.empty()) return {Refusal{.text = {}, .no_keys = true}};
  jwt::Requirements requirements{
      .issuers = keys->issuers, .audiences = options_.bearer.valid_audiences, .clock_skew = options_.bearer.clock_skew};
  if (!options_.bearer.valid_audience.empty()) requirements.audiences.push_back(options_.bearer.valid_audience);
  const jwt::Outcome outcome = jwt::verify(token, keys->set, requirements, now);
  if (outcome) return {identify(outcome->claims())};
  const jwt::Refusal& refusal = outcome.error();
  return {Refusal{.text = std::string(jwt::to_text(refusal.failure))}, refusal.failure == jwt::Failure::unknown_key};
}

Authenticator::Outcome Authenticator::identify(const jwt::Claims& claims) const {
  auto identity = std::make_shared<Identity>();
  identity->subject = claims.subject().value_or("");
  identity->issued_at = claims.issued_at().value_or(0);
  identity->expires_at = claims.expires_at().value_or(0);
  const auto type = claims.text(options_.sender_type_claim);
  if (!type) return Refusal{.text = "the claim of the sender's type is not a text"};
  identity->sender_type = type->value_or("");
  const auto scopes = claims.texts("scope");
  if (!scopes) return Refusal{.text = "the claim scope is neither a text nor a list of texts"};
  for (const std::string_view scope : *scopes) identity->scopes.add(scope);
  return SharedIdentity(std::move(identity));
}

SharedIdentity Authenticator::find(const Digest& digest, const std::shared_ptr<const Keys>& keys, base::Timestamp now) {
  Shard& shard = shard_of(digest);
  const std::scoped_lock lock(shard.mutex);
  for (Entries* entries : {&shard.young, &shard.old}) {
    const auto found = entries->find(digest);
    if (found == entries->end()) continue;
    const Entry& entry = found->second;
    const bool holds = entry.keys == keys && now < entry.identity->expires_at + in_ms(options_.bearer.clock_skew);
    if (!holds) return nullptr;
    SharedIdentity identity = entry.identity;
    if (entries == &shard.old) shard.young.insert(shard.old.extract(found));
    return identity;
  }
  return nullptr;
}

void Authenticator::remember(const Digest& digest, Entry entry) {
  Shard& shard = shard_of(digest);
  const std::scoped_lock lock(shard.mutex);
  shard.old.erase(digest);
  const std::size_t most = std::max<std::size_t>(1, options_.remembered_tokens_max / remembered_.size() / 2);
  if (shard.young.size() >= most) shard.old = std::exchange(shard.young, {});
  shard.young.insert_or_assign(digest, std::move(entry));
}

}  // namespace message_service::access
