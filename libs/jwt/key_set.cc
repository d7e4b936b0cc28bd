#include "jwt/key_set.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "jwt/json.h"
#include "jwt/key_maker.h"

namespace jwt {

base::Result<KeySet> KeySet::parse(std::string_view json) {
  if (json.size() > kMaxKeySetBytes) return invalid("the key set has more than 1 MiB");
  const auto object = read_json_object(json, "the key set");
  if (!object) return object.error();
  const boost::json::value* const member = object->if_contains("keys");
  const boost::json::array* const entries = member == nullptr ? nullptr : member->if_array();
  if (entries == nullptr) return invalid("the key set has no list 'keys'");
  if (entries->size() > kMaxKeys) return invalid("the key set has more than 1000 keys");

  KeySet set;
  for (const boost::json::value& entry : *entries) {
    const boost::json::object* const jwk = entry.if_object();
    base::Result<Key> key = jwk == nullptr ? invalid("a key is an object") : KeyMaker::from_jwk(*jwk);
    if (key) {
      set.keys_.push_back(std::move(*key));
    } else {
      ++set.skipped_;
    }
  }
  return set;
}

KeySet::Candidates KeySet::candidates(Algorithm algorithm, std::string_view id, std::string_view issuer) const {
  Candidates found;
  const auto collect = [&](const auto& is_meant) {
    bool any = false;
    for (const Key& key : keys_) {
      if (!is_meant(key) || (key.issuer() && *key.issuer() != issuer)) continue;
      any = true;
      if (key.fits(algorithm) && found.keys.size() < kMaxCandidates) found.keys.push_back(&key);
    }
    return any;
  };
  if (id.empty()) {
    collect([](const Key& /*key*/) { return true; });
    return found;
  }
  found.is_named = collect([id](const Key& key) { return key.id() == id; });
  if (!found.is_named) collect([](const Key& key) { return key.id().empty(); });
  return found;
}

}  // namespace jwt
