#include "config/text.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace message_service::config {

namespace {

// Letters left out or put in; a wrong letter counts as both, so that a shortened key is nearer to its long form than to
// another short one.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t substituted =
          diagonal + (base::lower_case(left[i - 1]) == base::lower_case(right[j - 1]) ? 0 : 2);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> items;
  if (trim(text).empty()) return items;
  for (;;) {
    const std::size_t end = text.find(separator);
    items.emplace_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return items;
    text.remove_prefix(end + 1);
  }
}

std::string join(const std::vector<std::string>& items, std::string_view separator) {
  std::string out;
  for (const std::string& item : items) {
    if (&item != &items.front()) out += separator;
    out += item;
  }
  return out;
}

std::string nearest(std::string_view text, const std::vector<std::string>& candidates) {
  constexpr std::size_t compared_bytes_max = 200;  // longer ones are no typing mistakes
  text = text.substr(0, compared_bytes_max);
  return *std::min_element(candidates.begin(), candidates.end(), [text](const auto& left, const auto& right) {
    return distance(text, left) < distance(text, right);
  });
}

std::string mask_credentials(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos) return out.append(text);
    const std::size_t start = scheme + 3;
    // A password may hold "/" or "@" unescaped by mistake: the last "@" before the next URL ends the credentials.
    const std::size_t next = text.find("://", start);
    const std::size_t at = text.substr(0, next).rfind('@');
    const std::size_t colon = text.find(':', start);
    if (at == std::string_view::npos || at < start || colon == std::string_view::npos || colon > at) {
      out.append(text.substr(0, start));
      text.remove_prefix(start);
    } else {
      out.append(text.substr(0, colon)).append(":***");
      text.remove_prefix(at);
    }
  }
}

bool is_secret_name(std::string_view name) {
  constexpr std::array<std::string_view, 6> marks{"password", "secret", "token", "key.pem", "oauthbearer", "jaas"};
  const std::string lowered = base::to_lower(name);
  return std::any_of(marks.begin(), marks.end(),
                     [&lowered](std::string_view mark) { return lowered.find(mark) != std::string::npos; });
}

}  // namespace message_service::config
