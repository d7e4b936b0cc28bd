#include "jwt/token.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "jwt/json.h"

namespace jwt {

namespace {

struct Header {
  std::optional<Algorithm> algorithm;
  std::string key_id;
};

// RFC 7515, 4.1.9: a media type that may lack its "application/".
bool is_token_type(std::string_view type) {
  for (const std::string_view known : {"JWT", "at+jwt", "application/jwt", "application/at+jwt"}) {
    if (base::equals_ignoring_case(type, known)) return true;
  }
  return false;
}

std::string_view text_of(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

base::Result<Header> read_header(std::string_view json) {
  const auto object = read_json_object(json, "the header");
  if (!object) return object.error();
  // Each would change what the signature covers or what the payload means.
  for (const char* const name : {"crit", "b64", "zip", "enc"}) {
    if (object->contains(name)) return invalid(std::string("the header has '").append(name).append("'"));
  }
  const boost::json::string* const algorithm = find_text(*object, "alg");
  if (algorithm == nullptr) return invalid("the header has no text 'alg'");
  if (object->contains("typ")) {
    const boost::json::string* const type = find_text(*object, "typ");
    if (type == nullptr || !is_token_type(view(*type))) return invalid("'typ' of the header is not JWT or at+jwt");
  }
  Header header{.algorithm = parse_algorithm(view(*algorithm)), .key_id = {}};
  if (object->contains("kid")) {
    const boost::json::string* const key_id = find_text(*object, "kid");
    if (key_id == nullptr) return invalid("'kid' of the header is not a text");
    header.key_id = view(*key_id);
  }
  return header;
}

}  // namespace

Token::Token(std::optional<Algorithm> algorithm, std::string key_id, Claims claims, std::string signing_input,
             std::vector<std::uint8_t> signature)
    : algorithm_(algorithm),
      key_id_(std::move(key_id)),
      claims_(std::move(claims)),
      signing_input_(std::move(signing_input)),
      signature_(std::move(signature)) {}

base::Result<Token> Token::parse(std::string_view text) {
  if (text.size() > kMaxTokenBytes) return invalid("the token has more than 16 KiB");
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return invalid("the token does not have three parts");
  }
  const auto header_json = base::read_base64url(text.substr(0, first));
  const auto claims_json = base::read_base64url(text.substr(first + 1, second - first - 1));
  auto signature = base::read_base64url(text.substr(second + 1));
  if (!header_json || !claims_json || !signature) return invalid("a part of the token is not base64url");

  base::Result<Header> header = read_header(text_of(*header_json));
  if (!header) return header.error();
  base::Result<Claims> claims = Claims::parse(text_of(*claims_json));
  if (!claims) return claims.error();
  return Token(header->algorithm, std::move(header->key_id), std::move(*claims), std::string(text.substr(0, second)),
               std::move(*signature));
}

}  // namespace jwt
