// How people sign in. Values; the keys of the configuration carry ASP.NET Core's names where it has them.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/bounds.h"

namespace message_service::access {

enum class Mode {
  none,  // nobody signs in
  jwt,   // by bearer tokens
};

struct BearerOptions {
  std::string authority;         // an identity provider: its metadata lie below it
  std::string metadata_address;  // instead of the authority's own place
  std::string valid_issuer;
  std::vector<std::string> valid_issuers;  // beside it
  std::string valid_audience;
  std::vector<std::string> valid_audiences;  // beside it
  std::map<std::string, std::string>
      signing_keys;  // "0:Value", "0:Id", "0:Issuer": keys shared with the issuer, base64
  bool require_https_metadata = true;
  std::string development_key_file;  // a private key whose tokens are taken, see development_key.h
  std::string jwks_file;
  std::string jwks_url;
  std::chrono::seconds clock_skew{300};
  static constexpr base::Bounds<std::chrono::seconds> clock_skew_bounds{std::chrono::seconds(0), std::chrono::hours(1)};
  std::chrono::seconds refresh_interval{300};  // of keys that a provider or a file has
  static constexpr base::Bounds<std::chrono::seconds> refresh_bounds{std::chrono::seconds(1), std::chrono::hours(24)};
};

struct Options {
  Mode mode = Mode::none;
  bool allow_anonymous = false;  // without sign-in, on addresses that others reach
  std::string sender_type_claim = "senderType";
  std::size_t remembered_tokens_max = 100'000;
  static constexpr base::Bounds<std::size_t> remembered_tokens_bounds{1, 10'000'000};
  BearerOptions bearer;
};

}  // namespace message_service::access
