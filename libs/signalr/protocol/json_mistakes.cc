#include "signalr/protocol/json_mistakes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signalr/protocol/json_value.h"

namespace signalr {

namespace {

constexpr std::size_t kMistakesMax = 4;  // each costs one more reading of the text
constexpr std::size_t kPathMax = 4;      // below this depth a value is unreadable as a whole

// A part of an array or object.
struct Part {
  std::size_t index;
  std::string_view name;  // of an object's member; a name with an escape matches no name of the payload
  std::string_view text;
};

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return text.substr(text.size());
  return text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

// Walks over an array or object by its brackets, commas and quotes, and ignores everything between them.
class PartFinder {
 public:
  explicit PartFinder(std::string_view container) : text_(container) {}

  // The part at that position of the text, if the container is complete.
  std::optional<Part> find(std::size_t position) {
    if (text_.empty() || (text_[0] != '[' && text_[0] != '{')) return std::nullopt;
    start_ = 1;
    for (at_ = 1; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '[' || c == '{') {
        ++depth_;
      } else if (depth_ > 0) {
        if (c == ']' || c == '}') --depth_;
      } else if (c == ':') {
        if (value_start_ == 0) value_start_ = at_ + 1;
      } else if (c == ',' || c == ']' || c == '}') {
        end_part(position);
        if (c != ',') return without_blanks(text_.substr(at_ + 1)).empty() ? found_ : std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
  }

  void end_part(std::size_t position) {
    const std::size_t value = value_start_ != 0 ? value_start_ : start_;
    if (!found_ && position >= value && position <= at_) {
      std::string_view name =
          value_start_ != 0 ? without_blanks(text_.substr(start_, value - 1 - start_)) : std::string_view();
      if (name.size() >= 2) name = name.substr(1, name.size() - 2);
      found_ = Part{index_, name, without_blanks(text_.substr(value, at_ - value))};
    }
    ++index_;
    start_ = at_ + 1;
    value_start_ = 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t start_ = 0;        // of the part
  std::size_t value_start_ = 0;  // of a member; 0: not found yet
  std::size_t index_ = 0;
  std::optional<Part> found_;
};

// A value with a mistake, and its place.
struct Mistake {
  std::vector<std::size_t> path;  // in each array or object on the way, the number of the part
  std::string_view text;
  std::string reason;
};

// The smallest part around the position that is part of a payload.
std::optional<Mistake> find_mistake(std::string_view text, std::size_t position,
                                    std::span<const std::string_view> payload) {
  std::optional<Mistake> mistake;
  std::string_view container = text;
  for (std::size_t depth = 0; depth < kPathMax; ++depth) {
    const auto offset = static_cast<std::size_t>(container.data() - text.data());
    const auto part = position < offset ? std::nullopt : PartFinder(container).find(position - offset);
    if (!part) break;
    if (!mistake && std::ranges::find(payload, part->name) == payload.end()) break;
    if (!mistake) mistake.emplace();
    mistake->path.push_back(part->index);
    mistake->text = part->text;
    container = part->text;
  }
  return mistake;
}

Value* value_at(Value& root, const std::vector<std::size_t>& path) {
  Value* value = &root;
  for (const std::size_t index : path) {
    auto* items = value->get_if<Value::Array>();
    auto* members = value->get_if<Value::Object>();
    if (items != nullptr && index < items->size()) {
      value = &(*items)[index];
    } else if (members != nullptr && index < members->size()) {
      value = &(*members)[index].value;
    } else {
      return nullptr;
    }
  }
  return value;
}

}  // namespace

base::Result<Value> parse_json_with_mistakes(std::string_view text, std::size_t nesting_max,
                                             std::span<const std::string_view> payload) {
  std::size_t position = 0;
  base::Result<Value> value = parse_json(text, nesting_max, &position);
  if (value) return value;
  const base::Error error = value.error();
  std::string repaired(without_blanks(text));
  position -= std::min(position, static_cast<std::size_t>(without_blanks(text).data() - text.data()));
  std::vector<Mistake> mistakes;
  while (!value && mistakes.size() < kMistakesMax) {
    auto mistake = find_mistake(repaired, position, payload);
    if (!mistake) return error;
    mistake->reason = value.error().text;
    const auto at = static_cast<std::size_t>(mistake->text.data() - repaired.data());
    repaired.replace(at, mistake->text.size(), "null");
    mistakes.push_back(*std::move(mistake));
    value = parse_json(repaired, nesting_max, &position);
  }
  if (!value) return error;
  for (Mistake& mistake : mistakes) {
    Value* place = value_at(*value, mistake.path);
    if (place == nullptr) return error;
    *place = Unreadable{"cannot be read. " + mistake.reason};
  }
  return value;
}

}  // namespace signalr
