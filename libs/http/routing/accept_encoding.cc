#include "http/routing/accept_encoding.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "http/codec/field_line.h"

namespace http {

namespace {

constexpr int kQualityMax = 1000;  // three decimals
constexpr int kUnnamed = 1;        // the rank of identity where the client does not mention it

struct Element {
  std::string_view coding;
  int quality = kQualityMax;
};

// "0", "0.25", "1", "1.000".
std::optional<int> read_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int quality = text[0] == '1' ? kQualityMax : 0;
  int place = kQualityMax / 10;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    quality += (digit - '0') * place;
    place /= 10;
  }
  return quality <= kQualityMax ? std::optional(quality) : std::nullopt;
}

// Nothing for an element that is not well-formed: it says nothing about any coding.
std::optional<Element> read_element(std::string_view text) {
  Element element{.coding = take_part(text, ';')};
  if (element.coding.empty()) return std::nullopt;
  if (text.empty()) return element;
  const std::string_view name = take_part(text, '=');
  const auto quality = read_quality(trimmed(text));
  if (!base::equals_ignoring_case(name, "q") || !quality) return std::nullopt;
  element.quality = *quality;
  return element;
}

std::vector<Element> read_elements(std::span<const std::string_view> accept_encoding) {
  std::vector<Element> elements;
  for (std::string_view value : accept_encoding) {
    while (!value.empty()) {
      if (const auto element = read_element(take_part(value, ','))) elements.push_back(*element);
    }
  }
  return elements;
}

const Element* find_element(const std::vector<Element>& elements, std::string_view coding) {
  const auto found = std::ranges::find_if(
      elements, [&](const Element& element) { return base::equals_ignoring_case(element.coding, coding); });
  return found == elements.end() ? nullptr : &*found;
}

// 0: the client does not accept it.
int rank_of(const std::vector<Element>& elements, std::string_view coding) {
  const Element* element = find_element(elements, coding);
  if (element == nullptr) element = find_element(elements, "*");
  if (element != nullptr) return element->quality > 0 ? kUnnamed + element->quality : 0;
  return coding == kIdentity ? kUnnamed : 0;
}

}  // namespace

std::optional<std::string_view> choose_coding(std::span<const std::string_view> accept_encoding,
                                              std::span<const std::string_view> available) {
  if (accept_encoding.empty()) return kIdentity;
  const std::vector<Element> elements = read_elements(accept_encoding);
  std::optional<std::string_view> best;
  int best_rank = 0;
  const auto consider = [&](std::string_view coding) {
    const int rank = rank_of(elements, coding);
    if (rank <= best_rank) return;
    best = coding;
    best_rank = rank;
  };
  for (const std::string_view coding : available) consider(coding);
  consider(kIdentity);
  return best;
}

}  // namespace http
