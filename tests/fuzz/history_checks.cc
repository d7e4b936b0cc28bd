#include <cmath>
#include <deque>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "fuzz/checks.h"
#include "verify/line_parser.h"

namespace message_service::fuzz {

void check_history(std::string_view bytes) {
  static verify::LineParser parser;  // as the verb uses it: one for all lines, whatever the line before was
  std::deque<std::string> decoded;
  const auto event = parser.parse(bytes, decoded);
  if (!event) {
    CHECK(!event.error().text.empty());
    CHECK(base::printable(event.error().text) == event.error().text);
    return;
  }
  const verify::SeenMessage& message = event->message;
  for (const std::string_view text : {event->conversation_id, event->key, event->content.value_or(""), event->view,
                                      event->clock, message.id, message.key, message.conversation_id, message.sender_id,
                                      message.sender_type, message.content, message.sent_at}) {
    CHECK(base::is_valid_utf8(text));
  }
  CHECK(std::isfinite(event->at_ms) && event->at_ms >= 0);
  constexpr std::uint64_t kSequenceMax = std::uint64_t{1} << 53;
  CHECK(event->sequence <= kSequenceMax && message.sequence <= kSequenceMax);
}

}  // namespace message_service::fuzz
