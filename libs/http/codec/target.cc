#include "http/codec/target.h"

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/utf8.h"

namespace http {

namespace {

// True for a path that needs no decoding and no checks. Most paths are plain, and the general way costs ten times as
// much.
bool is_plain_path(std::string_view text) {
  return text.starts_with('/') && !text.starts_with("//") && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '-' ||
                  c == '_';
         });
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  if (path == "/") return segments;
  segments.reserve(8);
  for (std::size_t start = 1; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    segments.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

// Handles "." and ".." as in RFC 3986, section 5.2.4, whether they are written plainly or percent-encoded.
void add_segment(std::vector<std::string>& segments, std::string segment) {
  if (segment == ".") return;
  if (segment != "..") {
    segments.push_back(std::move(segment));
  } else if (!segments.empty()) {
    segments.pop_back();
  }
}

bool is_absolute(std::string_view text) {  // RFC 9112, section 3.2.2
  const std::string_view scheme = text.substr(0, text.find("://"));
  return base::equals_ignoring_case(scheme, "http") || base::equals_ignoring_case(scheme, "https");
}

constexpr std::array<bool, 256> make_unreserved() {  // RFC 3986, section 2.3
  std::array<bool, 256> table{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (const unsigned char c : {'-', '.', '_', '~'}) table[c] = true;
  return table;
}

constexpr std::array<bool, 256> kUnreserved = make_unreserved();

bool is_unreserved(char c) { return kUnreserved[static_cast<unsigned char>(c)]; }

}  // namespace

std::optional<std::string_view> Target::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (base::equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

base::Result<Target> parse_target(std::string_view text) {
  if (is_plain_path(text)) return Target{.segments = split_path(text), .query = {}};
  const auto parsed = is_absolute(text) ? boost::urls::parse_uri(text) : boost::urls::parse_origin_form(text);
  if (!parsed) return base::Error{base::ErrorCode::invalid, "the request's target is not a valid path and query"};
  Target target;
  target.segments.reserve(8);
  for (const std::string& segment : parsed->segments()) add_segment(target.segments, segment);
  for (const auto& parameter : parsed->params()) target.query.emplace_back(parameter.key, parameter.value);

  const bool utf8 = std::ranges::all_of(target.segments, base::is_valid_utf8) &&
                    std::ranges::all_of(target.query, [](const auto& parameter) {
                      return base::is_valid_utf8(parameter.first) && base::is_valid_utf8(parameter.second);
                    });
  if (!utf8) return base::Error{base::ErrorCode::invalid, "the request's target is not UTF-8"};
  return target;
}

void append_segment(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (std::ranges::all_of(text, is_unreserved)) {
    out.append(text);
    return;
  }
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 0x0F]});
    }
  }
}

std::string encode_segment(std::string_view text) {
  std::string out;
  append_segment(out, text);
  return out;
}

}  // namespace http
