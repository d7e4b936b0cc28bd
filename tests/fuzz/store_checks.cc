#include "fuzz/store_checks.h"

#include <bson/bson.h>

#include <string>

#include "adapters/embedded/log/frame.h"
#include "adapters/embedded/store/history.h"
#include "adapters/embedded/store/key_entries.h"
#include "adapters/embedded/store/sent_row.h"
#include "adapters/embedded/topic/record_codec.h"
#include "adapters/mongodb/documents.h"
#include "base/check.h"
#include "base/utf8.h"
#include "tracing/trace_context.h"
#include "wire/conversation_json.h"
#include "wire/message_json.h"
#include "wire/open_dead_letter_json.h"

namespace message_service::fuzz {

namespace {

constexpr std::uint64_t kSegmentId = 7;

// An error that people and clients can be shown.
template <class T>
bool is_refused(const base::Result<T>& read) {
  if (read) return false;
  CHECK(read.error().code == base::ErrorCode::corrupt && !read.error().text.empty());
  return true;
}

void check_stored(const Stored& stored) {
  const std::string json = wire::stored_json(stored);
  CHECK(base::is_valid_utf8(json));
  const auto again = wire::read_stored(json);
  CHECK(again && again->message().repeats(stored.message()) && again->sequence() == stored.sequence());
}

void check_letter(const OpenDeadLetter& letter) {
  const auto again = wire::read_open_dead_letter(wire::open_dead_letter_json(letter));
  CHECK(again && again->key() == letter.key() && again->reason == letter.reason);
}

void check_conversation(const Conversation& conversation) {
  const auto again = wire::read_conversation(wire::conversation_json(conversation));
  CHECK(again && again->same_content(conversation));
}

ObjectIdBytes id_in(std::string_view bytes) {
  ObjectIdBytes id{};
  bytes.copy(reinterpret_cast<char*>(id.data()), id.size());
  return id;
}

}  // namespace

void check_rows(std::string_view bytes) {
  const auto record = embedded::decode_record(bytes);
  if (!is_refused(record)) CHECK(embedded::decode_record(embedded::encode_record(*record)).value() == *record);

  const auto row = embedded::decode_sent_row(bytes);
  if (!is_refused(row)) {
    for (const embedded::SentEntry& entry : *row) {
      CHECK(!entry.conversation_id.empty());
      CHECK((entry.sequence == 0) == !entry.stored_json.empty());
      CHECK(entry.traceparent == tracing::valid_traceparent(entry.traceparent));
    }
  }

  const auto key = embedded::find_key_entry(bytes, id_in(bytes));
  if (!is_refused(key) && *key) CHECK((*key)->conversation_id.size() <= bytes.size());

  const auto stored = wire::read_stored(bytes);
  if (!is_refused(stored)) {
    check_stored(*stored);
    const Message& message = stored->message();
    CHECK(embedded::read_message_row(message.conversation_id, stored->sequence(), bytes));
    CHECK(is_refused(embedded::read_message_row(message.conversation_id, stored->sequence() + 1, bytes)));
  }
  const auto letter = wire::read_open_dead_letter(bytes);
  if (!is_refused(letter)) check_letter(*letter);
  const auto conversation = wire::read_conversation(bytes);
  if (!is_refused(conversation)) check_conversation(*conversation);
}

void check_log_frames(std::string_view bytes) {
  if (const auto header = embedded::parse_header(bytes)) {
    std::string again;
    embedded::append_header(again, *header);
    CHECK(again.size() <= bytes.size());
  }
  if (const auto frame = embedded::parse_frame(bytes, kSegmentId)) CHECK(frame->record.size() <= bytes.size());

  std::string segment(embedded::Frame::kHeaderBytes, '\0');
  segment.append(bytes);
  embedded::finish_frame(segment, 0, 3, 2, kSegmentId);
  const auto written = embedded::parse_frame(segment, kSegmentId);
  CHECK(written && written->record == bytes && written->offset == 3 && written->durable == 2);
  CHECK(!embedded::parse_frame(segment, kSegmentId + 1));
  CHECK(!embedded::parse_frame(std::string_view(segment).substr(0, segment.size() - 1), kSegmentId));
  const std::size_t place = bytes.empty() ? 0 : static_cast<unsigned char>(bytes[0]) % segment.size();
  segment[place] = static_cast<char>(segment[place] ^ 4);
  CHECK(!embedded::parse_frame(segment, kSegmentId));
}

void check_documents(std::string_view bytes) {
  bson_t document;
  if (!bson_init_static(&document, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size())) return;
  const auto stored = mongodb::read_message(&document);
  if (!is_refused(stored)) check_stored(*stored);
  const auto conversation = mongodb::read_conversation(&document);
  if (!is_refused(conversation)) check_conversation(*conversation);
  const auto letter = mongodb::read_open_dead_letter(&document);
  if (!is_refused(letter)) check_letter(*letter);
  (void)is_refused(mongodb::read_rejection(&document));
}

}  // namespace message_service::fuzz
