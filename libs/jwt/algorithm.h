// The signature algorithms of RFC 7518 and RFC 8037 that this library checks. "none" is not one of them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace jwt {

enum class Algorithm { rs256, rs384, rs512, ps256, es256, es384, eddsa, hs256 };

inline constexpr std::array kAlgorithms{Algorithm::rs256, Algorithm::rs384, Algorithm::rs512, Algorithm::ps256,
                                        Algorithm::es256, Algorithm::es384, Algorithm::eddsa, Algorithm::hs256};

// As the header field "alg" spells it.
constexpr std::string_view to_text(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rs256:
      return "RS256";
    case Algorithm::rs384:
      return "RS384";
    case Algorithm::rs512:
      return "RS512";
    case Algorithm::ps256:
      return "PS256";
    case Algorithm::es256:
      return "ES256";
    case Algorithm::es384:
      return "ES384";
    case Algorithm::eddsa:
      return "EdDSA";
    case Algorithm::hs256:
      return "HS256";
  }
  return {};
}

// Case counts. Returns nothing for every text that is none of the above.
constexpr std::optional<Algorithm> parse_algorithm(std::string_view text) {
  for (const Algorithm algorithm : kAlgorithms) {
    if (to_text(algorithm) == text) return algorithm;
  }
  return std::nullopt;
}

}  // namespace jwt
