#include "model/validation.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/utf8.h"

namespace message_service {

namespace {

constexpr std::size_t kTitleBytesMax = 512;

std::string bytes_text(std::size_t have, std::size_t most) {
  return "is " + std::to_string(have) + " bytes long; at most " + std::to_string(most) + " are allowed";
}

}  // namespace

bool check_id(std::string_view field, std::string_view value, const Limits& limits, FieldErrors& errors) {
  std::string text;
  if (value.empty()) {
    text = "must not be empty";
  } else if (value.size() > limits.id_bytes_max) {
    text = bytes_text(value.size(), limits.id_bytes_max);
  } else if (!base::is_valid_utf8(value)) {
    text = "must be well-formed UTF-8";
  } else if (base::has_control_characters(value)) {
    text = "must not contain control characters";
  }
  if (text.empty()) return true;
  errors.push_back({std::string(field), std::move(text)});
  return false;
}

bool check_sender_type(std::string_view field, std::string& value, const Limits& limits, FieldErrors& errors) {
  for (const std::string& declared : limits.sender_types) {
    if (!base::equals_ignoring_case(declared, value)) continue;
    value = declared;
    return true;
  }
  std::string text = "must be one of";
  for (const std::string& type : limits.sender_types) {
    text.append(text.ends_with("of") ? " " : ", ").append(type);
  }
  errors.push_back({std::string(field), std::move(text)});
  return false;
}

void check_conversation(Conversation& conversation, const Limits& limits, FieldErrors& errors) {
  check_id("id", conversation.id, limits, errors);
  if (conversation.title.size() > kTitleBytesMax) {
    errors.push_back({"title", bytes_text(conversation.title.size(), kTitleBytesMax)});
  }
  if (conversation.participants.size() > limits.participants_max) {
    errors.push_back({"participants", "has " + std::to_string(conversation.participants.size()) + " entries; at most " +
                                          std::to_string(limits.participants_max) + " are allowed"});
    return;
  }
  for (std::size_t i = 0; i < conversation.participants.size(); ++i) {
    const std::string at = "participants[" + std::to_string(i) + "]";
    check_id(at + ".id", conversation.participants[i].id, limits, errors);
    check_sender_type(at + ".type", conversation.participants[i].type, limits, errors);
  }
}

}  // namespace message_service
