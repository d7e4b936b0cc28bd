#include "model/dead_letter.h"

#include <span>

#include "base/hash.h"
#include "base/hex.h"

namespace message_service {

std::string digest_of(const LogRecord& record) {
  constexpr std::size_t kBytes = 16;
  const base::Sha256 digest = base::sha256_of_parts({record.key, record.value});
  return base::to_hex(std::span(digest).first(kBytes));
}

OpenDeadLetter open_dead_letter_of(const DeadLetter& letter, base::Timestamp failed_at) {
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
