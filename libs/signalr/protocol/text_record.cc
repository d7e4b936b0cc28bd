#include "signalr/protocol/text_record.h"

namespace signalr {

base::Result<std::optional<std::string_view>> take_record(std::string_view& input, std::size_t bytes_max) {
  const std::size_t end = input.substr(0, bytes_max).find(kRecordSeparator);
  if (end == std::string_view::npos) {
    if (input.size() >= bytes_max) return message_too_big(bytes_max);
    return std::optional<std::string_view>();
  }
  const std::string_view record = input.substr(0, end);
  input.remove_prefix(end + 1);
  return std::optional(record);
}

base::Error message_too_big(std::size_t bytes_max) {
  return {base::ErrorCode::invalid, "The maximum message size of " + std::to_string(bytes_max) + "B was exceeded."};
}

}  // namespace signalr
