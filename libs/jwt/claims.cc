#include "jwt/claims.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstddef>
#include <utility>

#include "jwt/json.h"

namespace jwt {

namespace {

base::Error wrong_type(std::string_view name, std::string_view expected) {
  return invalid(std::string("the claim '").append(name).append("' is not ").append(expected));
}

const boost::json::value* find(const boost::json::object& claims, std::string_view name) {
  return claims.if_contains({name.data(), name.size()});
}

base::Result<std::optional<std::string_view>> read_text(const boost::json::object& claims, std::string_view name) {
  const boost::json::value* const claim = find(claims, name);
  if (claim == nullptr) return std::optional<std::string_view>();
  if (!claim->is_string()) return wrong_type(name, "a text");
  return std::optional(view(claim->get_string()));
}

base::Result<std::vector<std::string_view>> read_list(const boost::json::array& list, std::string_view name) {
  std::vector<std::string_view> texts;
  texts.reserve(list.size());
  for (const boost::json::value& element : list) {
    if (!element.is_string()) return wrong_type(name, "a text or a list of texts");
    texts.push_back(view(element.get_string()));
  }
  return texts;
}

constexpr double kLastSecond = 253'402'300'799;  // of base::kTimestampMax

// NumericDate: seconds since 1970, perhaps with a fraction, up to the year 9999.
base::Result<std::optional<base::Timestamp>> read_time(const boost::json::object& claims, std::string_view name) {
  const boost::json::value* const claim = find(claims, name);
  if (claim == nullptr) return std::optional<base::Timestamp>();
  if (!claim->is_number()) return wrong_type(name, "a number");
  boost::json::error_code failed;
  const double seconds = claim->to_number<double>(failed);
  if (failed || !(seconds >= 0 && seconds <= kLastSecond)) {
    return wrong_type(name, "a time between the years 1970 and 9999");
  }
  return std::optional(static_cast<base::Timestamp>(std::floor(seconds * 1000)));
}

std::vector<std::string_view> split_at_blanks(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

// The views are of texts in `json`.
struct Claims::Data {
  boost::json::object json;
  std::optional<std::string_view> issuer, subject, token_id;
  std::vector<std::string_view> audiences;
  std::optional<base::Timestamp> expires_at, not_before, issued_at;
};

Claims::Claims(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

base::Result<Claims> Claims::parse(std::string_view json) {
  auto object = read_json_object(json, "the payload");
  if (!object) return object.error();
  const auto data = std::make_shared<Data>();
  data->json = std::move(*object);

  for (const auto& [name, field] :
       {std::pair("iss", &data->issuer), {"sub", &data->subject}, {"jti", &data->token_id}}) {
    const auto text = read_text(data->json, name);
    if (!text) return text.error();
    *field = *text;
  }
  for (const auto& [name, field] :
       {std::pair("exp", &data->expires_at), {"nbf", &data->not_before}, {"iat", &data->issued_at}}) {
    const auto time = read_time(data->json, name);
    if (!time) return time.error();
    *field = *time;
  }
  if (const boost::json::value* const audience = find(data->json, "aud")) {
    if (const auto* const text = audience->if_string()) {
      data->audiences = {view(*text)};
    } else if (const auto* const list = audience->if_array()) {
      auto texts = read_list(*list, "aud");
      if (!texts) return texts.error();
      data->audiences = std::move(*texts);
    } else {
      return wrong_type("aud", "a text or a list of texts");
    }
  }
  return Claims(data);
}

std::optional<std::string_view> Claims::issuer() const { return data_->issuer; }
std::optional<std::string_view> Claims::subject() const { return data_->subject; }
std::optional<std::string_view> Claims::token_id() const { return data_->token_id; }
const std::vector<std::string_view>& Claims::audiences() const { return data_->audiences; }
std::optional<base::Timestamp> Claims::expires_at() const { return data_->expires_at; }
std::optional<base::Timestamp> Claims::not_before() const { return data_->not_before; }
std::optional<base::Timestamp> Claims::issued_at() const { return data_->issued_at; }

base::Result<std::optional<std::string_view>> Claims::text(std::string_view name) const {
  return read_text(data_->json, name);
}

base::Result<std::vector<std::string_view>> Claims::texts(std::string_view name) const {
  const boost::json::value* const claim = find(data_->json, name);
  if (claim == nullptr) return std::vector<std::string_view>();
  if (const auto* const text = claim->if_string()) return split_at_blanks(view(*text));
  if (const auto* const list = claim->if_array()) return read_list(*list, name);
  return wrong_type(name, "a text or a list of texts");
}

}  // namespace jwt
