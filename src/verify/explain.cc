#include "verify/explain.h"

#include <deque>
#include <map>
#include <utility>

#include "base/json_object_writer.h"
#include "base/utf8.h"
#include "verify/line_parser.h"

namespace message_service::verify {

namespace {

constexpr std::size_t kTextFaultsMax = 20;

bool rests_on_two_keys(FaultKind kind) {
  return kind == FaultKind::doubled || kind == FaultKind::altered || kind == FaultKind::refused_but_stored;
}

class KeyLookup {
 public:
  explicit KeyLookup(const HistoryFiles& files) : files_(files) {}

  base::Result<std::string> key_at(Place place) {
    const auto line = files_.line(place);
    if (!line) return line.error();
    std::deque<std::string> decoded;
    const auto event = parser_.parse(*line, decoded);
    if (!event) return event.error();
    return std::string(event->key.empty() ? event->message.key : event->key);
  }

 private:
  const HistoryFiles& files_;
  LineParser parser_;
};

std::string detail_of(const Fault& fault, const Report& report, const std::string& other_key) {
  std::string sequence = "sequence " + std::to_string(fault.sequence);
  switch (fault.kind) {
    case FaultKind::lost:
      return "acknowledged, and not in the listing";
    case FaultKind::doubled:
      return "again at " + sequence;
    case FaultKind::reordered:
      return sequence + ", stored after " + other_key + ", which was sent after its acknowledgement";
    case FaultKind::sequence_not_increasing:
    case FaultKind::refused_but_stored:
    case FaultKind::altered:
    case FaultKind::phantom:
      return sequence;
    case FaultKind::seen_phantom:
    case FaultKind::seen_altered:
    case FaultKind::seen_twice:
    case FaultKind::seen_out_of_order:
    case FaultKind::not_seen:
      return report.views[fault.view] + ", " + sequence;
  }
  return {};
}

struct NamedCount {
  std::string name;
  std::uint64_t count;
};

std::vector<NamedCount> named(const Report& report) {
  const Counts& counts = report.counts;
  return {{"writes", counts.writes},
          {"ok", counts.ok},
          {"refused", counts.refused},
          {"unknown", counts.unknown},
          {"unknownButStored", counts.unknown_but_stored},
          {"conversations", counts.conversations},
          {"unlisted", counts.unlisted},
          {"stored", counts.stored},
          {"foreign", counts.foreign},
          {"views", counts.views},
          {"seen", counts.seen},
          {"lines", counts.lines},
          {"cutOff", counts.cut_off},
          {"faults", report.faults_found()}};
}

void append_number(std::string& out, const std::string& name, std::uint64_t number) {
  if (out.back() != '{') out.push_back(',');
  base::append_json_string(out, name);
  out.append(":").append(std::to_string(number));
}

}  // namespace

base::Result<std::vector<ExplainedFault>> explain(Report& report, const HistoryFiles& files) {
  std::vector<ExplainedFault> explained;
  std::vector<Fault> kept;
  KeyLookup lookup(files);
  for (const Fault& fault : report.faults) {
    const auto key = lookup.key_at(fault.place);
    if (!key) return key.error();
    std::string other_key;
    if (fault.other.line > 0 && (rests_on_two_keys(fault.kind) || fault.kind == FaultKind::reordered)) {
      auto other = lookup.key_at(fault.other);
      if (!other) return other.error();
      other_key = std::move(*other);
      if (rests_on_two_keys(fault.kind) && other_key != *key) {
        report.found[static_cast<std::size_t>(fault.kind)] -= 1;
        continue;
      }
    }
    explained.push_back({.kind = fault.kind,
                         .conversation_id = report.conversations[fault.conversation],
                         .key = *key,
                         .detail = detail_of(fault, report, other_key),
                         .where = files.name_of(fault.place)});
    kept.push_back(fault);
  }
  report.faults = std::move(kept);
  return explained;
}

std::string report_text(const Report& report, const std::vector<ExplainedFault>& faults) {
  std::string text;
  for (const auto& [name, count] : named(report)) {
    text.append(text.empty() ? "" : ", ").append(name).append(" ").append(std::to_string(count));
  }
  std::size_t shown = 0;
  std::map<FaultKind, std::size_t> of_kind;
  const std::size_t share = kTextFaultsMax / 4;  // of one kind, as long as others wait
  for (const ExplainedFault& fault : faults) {
    if (shown == kTextFaultsMax || of_kind[fault.kind]++ >= share) continue;
    shown += 1;
    text.append("\n").append(to_text(fault.kind)).append(": ").append(base::printable(fault.key)).append(" in ");
    text.append(base::printable(fault.conversation_id)).append(": ").append(base::printable(fault.detail));
    text.append(" (").append(fault.where).append(")");
  }
  if (report.faults_found() > shown) {
    text.append("\nand ").append(std::to_string(report.faults_found() - shown)).append(" more");
  }
  return text;
}

std::string report_json(const Report& report, const std::vector<ExplainedFault>& faults) {
  std::string counts = "{";
  for (const auto& [name, count] : named(report)) append_number(counts, name, count);
  counts.push_back('}');
  std::string kinds = "{";
  for (std::size_t kind = 0; kind < kFaultNames.size(); ++kind) {
    if (report.found[kind] > 0) append_number(kinds, std::string(kFaultNames[kind]), report.found[kind]);
  }
  kinds.push_back('}');
  std::string list = "[";
  for (const ExplainedFault& fault : faults) {
    if (list.size() > 1) list.push_back(',');
    base::JsonObjectWriter(list)
        .string("kind", to_text(fault.kind))
        .string("conversationId", fault.conversation_id)
        .string("key", fault.key)
        .string("detail", fault.detail)
        .string("where", fault.where)
        .close();
  }
  list.push_back(']');
  std::string json;
  base::JsonObjectWriter(json).raw("counts", counts).raw("kinds", kinds).raw("faults", list).close();
  return json;
}

}  // namespace message_service::verify
