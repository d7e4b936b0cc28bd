#include "model/record_sizes.h"

#include <gtest/gtest.h>

#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::wire {
namespace {

Admitted largest(const Limits& limits, char content) {
  Draft draft;
  draft.conversation_id = std::string(limits.id_bytes_max, '"');
  draft.temporary_message_id = std::string(limits.id_bytes_max, '\\');
  draft.sender_id = draft.conversation_id;
  draft.correlation_id = draft.conversation_id;
  draft.sender_type = limits.sender_types.front();
  draft.content = std::string(limits.content_bytes_max, content);
  draft.requested_at = 1769509800000;
  return *admit(std::move(draft), limits, 0).admitted;
}

std::size_t size_of(const LogRecord& record) {
  std::size_t bytes = record.key.size() + record.value.size();
  for (const Header& header : record.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

TEST(RecordSizes, HoldForTheLargestMessage) {
  Limits limits;
  for (const std::size_t id_bytes : {16, 128, 1024}) {
    limits.id_bytes_max = id_bytes;
    const std::size_t plain = record_bytes_plain(limits.content_bytes_max, id_bytes);
    const std::size_t escaped = record_bytes_escaped(limits.content_bytes_max, id_bytes);
    for (const auto& [content, most] : {std::pair('x', plain), std::pair('\1', escaped)}) {
      const Admitted admitted = largest(limits, content);
      const Stored stored(admitted, std::uint64_t{1} << 52, 1769509801000);
      EXPECT_LE(size_of(requested_record(admitted.message())) + 300, most);
      EXPECT_LE(size_of(sent_record(stored, stored_json(stored))) + 300, most);
    }
  }
}

}  // namespace
}  // namespace message_service::wire
