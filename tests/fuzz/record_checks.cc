// Records that other programs write into the three topics.
#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "fuzz/checks.h"
#include "tracing/trace_context.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::fuzz {

namespace {

constexpr Position kPlace{.partition = 3, .offset = 17};
constexpr std::uint64_t kSequenceMax = (std::uint64_t{1} << 53) - 1;

// Value, key, and names and values of headers, with a byte between them that JSON does not have. The key gives the
// time.
LogRecord record_of(std::string_view bytes) {
  std::vector<std::string> parts(1);
  for (const char byte : bytes) {
    if (byte == '\x1e') {
      parts.emplace_back();
    } else {
      parts.back().push_back(byte);
    }
  }
  LogRecord record;
  record.value = parts[0];
  if (parts.size() > 1) record.key = parts[1];
  if (record.key.size() >= sizeof record.timestamp) {
    std::memcpy(&record.timestamp, record.key.data(), sizeof record.timestamp);
  }
  for (std::size_t i = 2; i < parts.size(); i += 2) {
    record.headers.push_back({parts[i], i + 1 < parts.size() ? parts[i + 1] : std::string()});
  }
  return record;
}

void check_time(base::Timestamp time) { CHECK(time >= base::kTimestampMin && time <= base::kTimestampMax); }

void check_traced(const std::string& traceparent) {
  CHECK(traceparent.empty() || (tracing::TraceContext::parse(traceparent) && traceparent.size() == 55));
}

bool same(const Message& one, const Message& other) {
  return one.repeats(other) && one.id == other.id && one.requested_at == other.requested_at &&
         one.correlation_id() == other.correlation_id();
}

// A message that is let in can be stored, shown, announced, and written again.
void check_admitted(const Admitted& admitted) {
  const Message& message = admitted.message();
  check_time(message.requested_at);
  check_traced(message.traceparent);
  CHECK(base::is_valid_utf8(wire::accepted_json(message)));
  const Stored stored(admitted, 1, 0);
  const std::string json = wire::stored_json(stored);
  CHECK(base::is_valid_utf8(json));
  const auto row = wire::read_stored(json);
  CHECK(row && same(row->message(), message));
  const auto event = wire::read_sent(wire::sent_record(stored, json));
  CHECK(event && same(event->stored.message(), message));

  auto draft = wire::read_requested(wire::requested_record(message));
  CHECK(draft.has_value());
  const Admission again = admit(std::move(*draft), Limits{}, 0);
  CHECK(again.admitted && same(again.admitted->message(), message));
  CHECK(again.admitted->message().traceparent == message.traceparent);
}

}  // namespace

void check_requested(std::string_view bytes) {
  const LogRecord record = record_of(bytes);
  auto draft = wire::read_requested(record);
  if (draft) {
    check_traced(draft->traceparent);
    if (draft->requested_at) check_time(*draft->requested_at);
    const Admission admission = admit(std::move(*draft), Limits{}, 0);
    CHECK(admission.admitted.has_value() == admission.errors.empty());
    if (admission.admitted) check_admitted(*admission.admitted);
  } else {
    CHECK(draft.error().code == base::ErrorCode::invalid && base::is_valid_utf8(draft.error().text));
  }
  if (const auto key = wire::read_discard(record)) CHECK(base::is_valid_utf8(key->conversation_id));
  LogRecord moved = record;
  wire::note_moved_from(moved, kPlace);
  CHECK(wire::read_moved_from(moved) == kPlace);
  CHECK(moved.key == record.key && moved.value == record.value);
  CHECK(wire::read_retry_of(moved) == wire::read_retry_of(record));
}

void check_sent(std::string_view bytes) {
  const auto event = wire::read_sent(record_of(bytes));
  if (!event) return;
  const Stored& stored = event->stored;
  CHECK(stored.sequence() > 0 && stored.sequence() <= kSequenceMax);
  check_time(stored.message().requested_at);
  check_time(stored.persisted_at());
  const std::string json = wire::stored_json(stored);
  CHECK(base::is_valid_utf8(json));
  const auto again = wire::read_sent(wire::sent_record(stored, json));
  CHECK(again && same(again->stored.message(), stored.message()) && again->stored.sequence() == stored.sequence());
}

void check_dead(std::string_view bytes) {
  const LogRecord record = record_of(bytes);
  if (const auto rejected = wire::read_rejection(record)) CHECK(base::is_valid_utf8(wire::rejected_json(*rejected)));
  if (const auto origin = wire::read_origin(record)) CHECK(origin->partition >= 0 && origin->offset >= 0);
  if (const auto reference = wire::read_reference(record)) CHECK(parse_position(to_text(*reference)) == reference);

  // As a dead letter it is told from one whatever its own headers claim, and comes back as it was.
  const DeadLetter letter{.source = {kPlace, record}, .reason = DeadReason::malformed, .error = "x", .rejection = {}};
  const LogRecord dead = wire::dead_letter_record(letter, 0);
  CHECK(wire::read_origin(dead) == kPlace);
  CHECK(!wire::read_reference(dead) && !wire::read_rejection(dead));
  const LogRecord retried = wire::retry_record(dead, kPlace);
  CHECK(wire::read_retry_of(retried) == kPlace && !wire::read_reference(retried));
  CHECK(digest_of(retried) == digest_of(record) && digest_of(dead) == digest_of(record));
  const LogRecord reference = wire::dead_letter_reference(letter, 0);
  CHECK(wire::read_reference(reference) == kPlace && wire::read_origin(reference) == kPlace);
  CHECK(reference.value.size() < 1000 && base::is_valid_utf8(reference.value));
}

void check_traceparent(std::string_view bytes) {
  const std::string_view valid = tracing::valid_traceparent(bytes);
  const auto context = tracing::TraceContext::parse(bytes);
  CHECK(context.has_value() == !valid.empty());
  if (!context) return;
  CHECK(bytes.starts_with(valid) && base::is_valid_utf8(valid) && tracing::valid_traceparent(valid) == valid);
  CHECK(tracing::TraceContext::parse(context->to_traceparent()) == context);
  CHECK(tracing::trace_id_of(bytes) == context->trace_id_text());
}

}  // namespace message_service::fuzz
