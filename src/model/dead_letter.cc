#include "model/dead_letter.h"

#include "base/hash.h"

namespace message_service {

std::string digest_of(const LogRecord& record) {
  constexpr std::size_t kBytes = 16;
  constexpr std::string_view kDigits = "0123456789abcdef";
  const Sha256 digest = sha256_of_parts({record.key, record.value});
  std::string text;
  for (std::size_t i = 0; i < kBytes; ++i) text.append({kDigits[digest[i] >> 4], kDigits[digest[i] & 0x0F]});
  return text;
}

OpenLetter open_letter_of(const DeadLetter& letter, Timestamp failed_at) {
  return {.conversation_id = letter.conversation_id,
          .origin = letter.origin(),
          .last = letter.source.position,
          .temporary_message_id = letter.temporary_message_id,
          .reason = letter.reason,
          .error = letter.error,
          .attempts = letter.attempts,
          .failed_at = failed_at,
          .digest = digest_of(letter.source.record)};
}

}  // namespace message_service
