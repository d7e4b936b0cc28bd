#include "verify/line_parser.h"

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <functional>

#include "base/ascii.h"

namespace message_service::verify {

namespace {

enum Field : std::uint8_t {
  // of the line
  kEvent,
  kConversationId,
  kKey,
  kContent,
  kOutcome,
  kView,
  kClock,
  kAt,
  kAfterSequence,
  kUpTo,
  // of its message
  kMessageId,
  kMessageKey,
  kMessageConversation,
  kMessageSender,
  kMessageSenderType,
  kMessageContent,
  kMessageSentAt,
  kMessageSequence,
  kFieldCount,
  kUnread,
};

constexpr std::array<std::string_view, kFieldCount> kFieldNames{
    "event",          "conversationId", "key",        "content",
    "outcome",        "view",           "clock",      "at",
    "afterSequence",  "upTo",           "id",         "temporaryMessageId",
    "conversationId", "senderId",       "senderType", "content",
    "sentAt",         "sequence"};

constexpr std::array<std::string_view, 9> kEventNames{"recording", "sending", "sent",   "view",  "received",
                                                      "settled",   "listing", "stored", "listed"};
constexpr std::array<std::string_view, 3> kOutcomeNames{"unknown", "ok", "refused"};

constexpr std::uint64_t kSequenceMax = std::uint64_t{1} << 53;  // JavaScript's numbers are exact up to here

bool is_number(Field field) {
  return field == kAt || field == kAfterSequence || field == kUpTo || field == kMessageSequence;
}

Field find(std::string_view name, Field first, Field end) {
  for (int field = first; field < end; ++field) {
    if (kFieldNames[static_cast<std::size_t>(field)] == name) return static_cast<Field>(field);
  }
  return kUnread;
}

std::string name_of(Field field) {
  const std::string name(kFieldNames[field]);
  return field >= kMessageId ? "message." + name : name;
}

template <std::size_t size>
std::optional<std::size_t> index_in(const std::array<std::string_view, size>& names, std::string_view name) {
  for (std::size_t i = 0; i < size; ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

template <std::size_t size>
std::string listed(const std::array<std::string_view, size>& names) {
  std::string list;
  for (const std::string_view name : names) list.append(list.empty() ? "" : ", ").append(name);
  return list;
}

// What Boost.JSON's parser calls. Keeps the strings of known fields, and the first field of a wrong type.
struct FieldHandler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;

  std::array<std::string_view, kFieldCount> texts;
  std::array<double, kFieldCount> numbers;
  std::array<bool, kFieldCount> given;
  int depth = 0;
  bool is_object = false;
  bool in_message = false;    // between the braces of "message"
  bool message_next = false;  // the value to come is that of "message"
  bool has_message = false;
  bool is_change = false;
  Field field = kUnread;
  Field wrong = kUnread;
  std::string key;
  std::string text;
  std::string_view line;
  std::deque<std::string>* decoded = nullptr;

  void reset(std::string_view its_line, std::deque<std::string>& its_decoded) {
    line = its_line;
    decoded = &its_decoded;
    given.fill(false);
    depth = 0;
    is_object = in_message = message_next = has_message = is_change = false;
    field = wrong = kUnread;
    key.clear();
    text.clear();
  }

  // A value that is neither text nor number.
  void other_value() {
    if (field != kUnread && wrong == kUnread) wrong = field;
    message_next = false;
  }
  void number(double value) {
    message_next = false;
    if (field == kUnread) return;
    if (!is_number(field)) return other_value();
    numbers[field] = value;
    given[field] = true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    if (depth == 0) is_object = true;
    if (depth == 1 && message_next) {
      in_message = has_message = true;
      field = kUnread;
    }
    other_value();
    ++depth;
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    --depth;
    if (depth == 1) in_message = false;
    return true;
  }
  bool on_array_begin(error_code&) {
    other_value();
    ++depth;
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    --depth;
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    key.append(part.data(), part.size());
    return true;
  }
  bool on_key(string_view part, std::size_t, error_code&) {
    std::string_view name(part.data(), part.size());
    if (!key.empty()) name = key.append(name);
    field = kUnread;
    if (depth == 1) {
      field = find(name, kEvent, kMessageId);
      message_next = name == "message";
    } else if (depth == 2 && in_message) {
      field = find(name, kMessageId, kFieldCount);
      if (name == "participantChange") is_change = true;
    }
    key.clear();
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    if (field != kUnread) text.append(part.data(), part.size());
    return true;
  }
  bool on_string(string_view part, std::size_t, error_code&) {
    message_next = false;
    if (field == kUnread) return true;
    if (is_number(field)) {
      other_value();
    } else if (text.empty() && std::less_equal<>()(line.data(), part.data()) &&
               std::less<>()(part.data(), line.data() + line.size())) {
      texts[field] = {part.data(), part.size()};
    } else {
      texts[field] = decoded->emplace_back(text.append(part.data(), part.size()));
    }
    given[field] = !is_number(field);
    text.clear();
    return true;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, string_view, error_code&) {
    number(static_cast<double>(value));
    return true;
  }
  bool on_uint64(std::uint64_t value, string_view, error_code&) {
    number(static_cast<double>(value));
    return true;
  }
  bool on_double(double value, string_view, error_code&) {
    number(value);
    return true;
  }
  bool on_bool(bool, error_code&) {
    other_value();
    return true;
  }
  // As if the member were not there.
  bool on_null(error_code&) {
    message_next = false;
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

base::Error invalid(Field field, std::string_view demand) {
  return {base::ErrorCode::invalid, name_of(field) + " " + std::string(demand)};
}

}  // namespace

struct LineParser::Reading {
  boost::json::basic_parser<FieldHandler> parser{boost::json::parse_options()};

  FieldHandler& handler() { return parser.handler(); }

  // Empty: the texts are all there.
  std::optional<base::Error> need(std::initializer_list<Field> fields) {
    for (const Field field : fields) {
      const bool there = handler().given[field];
      if (!there) return invalid(field, "is missing");
      if (is_number(field)) continue;
      const bool may_be_empty = field == kMessageContent || field == kMessageSenderType;
      if (!may_be_empty && handler().texts[field].empty()) return invalid(field, "must not be empty");
    }
    return std::nullopt;
  }

  base::Result<std::uint64_t> sequence(Field field) {
    const double value = handler().numbers[field];
    if (value >= 0 && value <= static_cast<double>(kSequenceMax) && std::floor(value) == value) {
      return static_cast<std::uint64_t>(value);
    }
    return invalid(field, "must be a whole number from 0 to 2^53");
  }

  base::Result<void> read_message(SeenMessage& message) {
    if (!handler().has_message) return base::Error{base::ErrorCode::invalid, "message is missing"};
    message.is_change = handler().is_change;
    if (message.is_change) return {};
    if (auto error = need({kMessageId, kMessageKey, kMessageConversation, kMessageSender, kMessageSenderType,
                           kMessageContent, kMessageSentAt, kMessageSequence})) {
      return *error;
    }
    const auto sequence_read = sequence(kMessageSequence);
    if (!sequence_read) return sequence_read.error();
    message.id = handler().texts[kMessageId];
    message.key = handler().texts[kMessageKey];
    message.conversation_id = handler().texts[kMessageConversation];
    message.sender_id = handler().texts[kMessageSender];
    message.sender_type = handler().texts[kMessageSenderType];
    message.content = handler().texts[kMessageContent];
    message.sent_at = handler().texts[kMessageSentAt];
    message.sequence = *sequence_read;
    return {};
  }

  base::Result<void> read_time(HistoryEvent& event) {
    if (auto error = need({kAt})) return *error;
    event.at_ms = handler().numbers[kAt];
    if (!std::isfinite(event.at_ms) || event.at_ms < 0) return invalid(kAt, "must be milliseconds from 0");
    return {};
  }

  base::Result<void> read_fields(HistoryEvent& event);
};

base::Result<void> LineParser::Reading::read_fields(HistoryEvent& event) {
  const auto text = [&](Field field) { return handler().texts[field]; };
  const auto check = [&](std::initializer_list<Field> fields) -> base::Result<void> {
    if (auto error = need(fields)) return *error;
    return {};
  };
  const auto take_sequence = [&](Field field) -> base::Result<void> {
    const auto read = sequence(field);
    if (!read) return read.error();
    event.sequence = *read;
    return {};
  };
  base::Result<void> checked;
  switch (event.kind) {
    case EventKind::recording:
      if (handler().given[kClock]) event.clock = text(kClock);
      return {};
    case EventKind::sending:
      if (checked = check({kConversationId, kKey}); !checked) return checked;
      event.conversation_id = text(kConversationId);
      event.key = text(kKey);
      if (handler().given[kContent]) event.content = text(kContent);
      return read_time(event);
    case EventKind::sent: {
      if (checked = check({kConversationId, kKey, kOutcome}); !checked) return checked;
      event.conversation_id = text(kConversationId);
      event.key = text(kKey);
      const auto outcome = index_in(kOutcomeNames, text(kOutcome));
      if (!outcome) return invalid(kOutcome, "must be one of " + listed(kOutcomeNames));
      event.outcome = static_cast<SendOutcome>(*outcome);
      return read_time(event);
    }
    case EventKind::view:
      if (checked = check({kView, kConversationId, kAfterSequence}); !checked) return checked;
      event.view = text(kView);
      event.conversation_id = text(kConversationId);
      return take_sequence(kAfterSequence);
    case EventKind::received:
      if (checked = check({kView}); !checked) return checked;
      event.view = text(kView);
      return read_message(event.message);
    case EventKind::settled:
      if (checked = check({kView, kUpTo}); !checked) return checked;
      event.view = text(kView);
      return take_sequence(kUpTo);
    case EventKind::listing:
    case EventKind::listed:
      if (checked = check({kConversationId}); !checked) return checked;
      event.conversation_id = text(kConversationId);
      return {};
    case EventKind::stored:
      return read_message(event.message);
  }
  return {};
}

LineParser::LineParser() : reading_(std::make_unique<Reading>()) {}
LineParser::~LineParser() = default;

base::Result<HistoryEvent> LineParser::parse(std::string_view line, std::deque<std::string>& decoded) {
  FieldHandler& handler = reading_->handler();
  handler.reset(line, decoded);
  reading_->parser.reset();
  boost::json::error_code error;
  const std::size_t parsed = reading_->parser.write_some(false, line.data(), line.size(), error);
  if (!error && parsed < line.size()) error = boost::json::error::extra_data;
  if (error) {
    return base::Error{base::ErrorCode::corrupt,
                       "is not JSON: " + error.message() + " near byte " + std::to_string(parsed)};
  }
  if (!handler.is_object) return base::Error{base::ErrorCode::corrupt, "must be a JSON object"};
  if (handler.wrong != kUnread) {
    return invalid(handler.wrong, is_number(handler.wrong) ? "must be a number" : "must be a string");
  }
  if (auto missing = reading_->need({kEvent})) return *missing;
  const auto kind = index_in(kEventNames, handler.texts[kEvent]);
  if (!kind) return invalid(kEvent, "must be one of " + listed(kEventNames));
  HistoryEvent event;
  event.kind = static_cast<EventKind>(*kind);
  if (auto read = reading_->read_fields(event); !read) return read.error();
  return event;
}

}  // namespace message_service::verify
