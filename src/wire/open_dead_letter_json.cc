#include "wire/open_dead_letter_json.h"

#include "base/json_object_writer.h"
#include "wire/json_reader.h"

namespace message_service::wire {

std::string open_dead_letter_json(const OpenDeadLetter& letter) {
  std::string out;
  base::JsonObjectWriter(out)
      .string("id", to_text(letter.origin))
      .string("conversationId", letter.conversation_id)
      .string("temporaryMessageId", letter.temporary_message_id)
      .string("reason", to_text(letter.reason))
      .string("error", letter.error)
      .number("attempts", static_cast<std::uint64_t>(letter.attempts))
      .time("failedAt", letter.failed_at)
      .string("lastPosition", to_text(letter.last))
      .string("digest", letter.digest)
      .close();
  return out;
}

base::Result<OpenDeadLetter> read_open_dead_letter(std::string_view json) {
  const base::Error damaged{base::ErrorCode::corrupt, "an open dead letter of an unknown form"};
  Document document;
  if (!document.parse(json)) return damaged;
  const auto& object = document.object();
  FieldErrors errors;
  const auto text = [&](const char* name) { return string_field(object, name, errors).value_or(""); };
  const auto origin = parse_position(text("id"));
  const auto last = parse_position(text("lastPosition"));
  const auto reason = parse_dead_reason(text("reason"));
  const auto attempts = number_field(object, "attempts", errors);
  const auto failed_at = time_field(object, "failedAt", errors);
  OpenDeadLetter letter{.conversation_id = text("conversationId"),
                        .temporary_message_id = text("temporaryMessageId"),
                        .error = text("error"),
                        .digest = text("digest")};
  constexpr std::uint64_t kAttemptsMax = 1'000'000;
  if (!origin || !last || !reason || !attempts || !failed_at || !errors.empty()) return damaged;
  if (*attempts > kAttemptsMax) return damaged;
  letter.origin = *origin;
  letter.last = *last;
  letter.reason = *reason;
  letter.attempts = static_cast<int>(*attempts);
  letter.failed_at = *failed_at;
  return letter;
}

std::string letter_keys_json(const std::vector<DeadLetterKey>& keys) {
  std::string out = R"({"letters":[)";
  for (const DeadLetterKey& key : keys) {
    if (&key != &keys.front()) out.push_back(',');
    base::JsonObjectWriter(out).string("conversationId", key.conversation_id).string("id", to_text(key.origin)).close();
  }
  return out.append("]}");
}

base::Result<std::vector<DeadLetterKey>> read_dead_letter_keys(std::string_view json) {
  const base::Error wrong{base::ErrorCode::invalid,
                          R"(must be {"letters":[{"conversationId":"...","id":"0/17"},...]})"};
  Document document;
  if (!document.parse(json)) return wrong;
  const auto* letters = find_member(document.object(), "letters");
  if (letters == nullptr || !letters->is_array()) return wrong;
  std::vector<DeadLetterKey> keys;
  for (const auto& letter : letters->get_array()) {
    if (!letter.is_object()) return wrong;
    FieldErrors errors;
    auto conversation_id = string_field(letter.get_object(), "conversationId", errors);
    const auto origin = parse_position(string_field(letter.get_object(), "id", errors).value_or(""));
    if (!conversation_id || !origin) return wrong;
    keys.push_back({std::move(*conversation_id), *origin});
  }
  return keys;
}

}  // namespace message_service::wire
