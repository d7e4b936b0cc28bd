// Who brings a token: checks it once, and remembers it by its hash until it expires or the keys change.
//
// Owned by the service; every shard asks it. A check costs some ten microseconds on the shard's thread; a remembered
// token one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "access/identity.h"
#include "access/key_store.h"
#include "access/options.h"
#include "jwt/verifier.h"
#include "runtime/asio_types.h"
#include "runtime/shard.h"

namespace message_service::access {

struct Refusal {
  std::string text;      // for the client; quotes nothing of the token
  bool no_keys = false;  // nobody can tell yet whether the token is good
};

class Authenticator {
 public:
  using Outcome = std::variant<SharedIdentity, Refusal>;

  // `keys` outlives it.
  Authenticator(const Options& options, KeyStore& keys);

  // The identity of a token that was checked before, and is good now; null otherwise. Cheap.
  SharedIdentity remembered(std::string_view token);

  // On the shard. Waits at most a second, for a key that is not known yet.
  runtime::Awaitable<Outcome> authenticate(runtime::Shard& shard, const std::string& token);

 private:
  using Digest = std::array<std::uint8_t, 16>;
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const;
  };
  struct Entry {
    SharedIdentity identity;
    std::shared_ptr<const Keys> keys;  // that it was checked with
  };
  using Entries = std::unordered_map<Digest, Entry, DigestHash>;
  // When `young` is full it becomes `old`, and what was old is forgotten.
  struct Shard {
    std::mutex mutex;
    Entries young, old;
  };
  struct Checked {
    Outcome outcome;
    bool key_is_unknown = false;
  };

  static Digest digest_of(std::string_view token);
  Shard& shard_of(const Digest& digest) { return remembered_[digest[0] % remembered_.size()]; }
  SharedIdentity find(const Digest& digest, const std::shared_ptr<const Keys>& keys, base::Timestamp now);
  void remember(const Digest& digest, Entry entry);
  Checked check(const std::string& token, const std::shared_ptr<const Keys>& keys, base::Timestamp now) const;
  Outcome identify(const jwt::Claims& claims) const;

  const Options options_;
  KeyStore& keys_;
  std::array<Shard, 16> remembered_;
};

}  // namespace message_service::access
