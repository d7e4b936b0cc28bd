#include "wire/backup_json.h"

#include <limits>
#include <optional>
#include <utility>

#include "base/json_object_writer.h"
#include "model/record_version.h"
#include "wire/json_reader.h"

namespace message_service::wire {

namespace {

constexpr std::string_view kForm = "message-service backup, form 1";

std::string log_json(const std::vector<Backup::LogFile>& files) {
  std::string out = "[";
  for (const Backup::LogFile& file : files) {
    if (&file != &files.front()) out.push_back(',');
    base::JsonObjectWriter(out)
        .string("name", file.name)
        .number("firstOffset", static_cast<std::uint64_t>(file.first_offset))
        .number("bytes", file.bytes)
        .string("sha256", file.sha256)
        .close();
  }
  return out.append("]");
}

std::optional<Backup::LogFile> read_log_file(const boost::json::value& value) {
  if (!value.is_object()) return std::nullopt;
  FieldErrors errors;
  auto name = string_field(value.get_object(), "name", errors);
  auto sha256 = string_field(value.get_object(), "sha256", errors);
  const auto first_offset = number_field(value.get_object(), "firstOffset", errors);
  const auto bytes = number_field(value.get_object(), "bytes", errors);
  constexpr std::uint64_t kOffsetMax = std::numeric_limits<std::int64_t>::max();
  if (!name || !sha256 || !first_offset || !bytes || *first_offset > kOffsetMax) return std::nullopt;
  // The name of a file, and of nothing above its folder.
  if (name->empty() || name->find('/') != std::string::npos || name->starts_with('.')) return std::nullopt;
  return Backup::LogFile{std::move(*name), static_cast<std::int64_t>(*first_offset), *bytes, std::move(*sha256)};
}

}  // namespace

std::string backup_json(const Backup& backup) {
  std::string out;
  base::JsonObjectWriter writer(out);
  writer.string("form", kForm)
      .number("number", backup.number)
      .time("createdAt", backup.created_at)
      .string("historyId", backup.history_id)
      .number("records", static_cast<std::uint64_t>(backup.records))
      .number("logEnd", static_cast<std::uint64_t>(backup.log_end))
      .raw("log", log_json(backup.log));
  if (!backup.warning.empty()) writer.string("warning", backup.warning);
  writer.close();
  return out;
}

base::Result<Backup> read_backup(std::string_view json) {
  const base::Error damaged{base::ErrorCode::corrupt, "a description of a backup that this version does not know"};
  Document document;
  if (!document.parse(json)) return damaged;
  const auto& object = document.object();
  FieldErrors errors;
  const auto form = string_field(object, "form", errors);
  const auto number = number_field(object, "number", errors);
  const auto created_at = time_field(object, "createdAt", errors);
  auto history_id = string_field(object, "historyId", errors);
  const auto records = number_field(object, "records", errors);
  const auto log_end = number_field(object, "logEnd", errors);
  const auto* log = find_member(object, "log");
  constexpr std::uint64_t kNumberMax = std::numeric_limits<std::uint32_t>::max();
  constexpr std::uint64_t kOffsetMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t kRecordsMax = 1'000'000;
  if (!form || *form != kForm || !number || !created_at || !history_id || !records || !log_end) return damaged;
  if (*number > kNumberMax || *log_end > kOffsetMax || *records > kRecordsMax) return damaged;
  if (log == nullptr || !log->is_array()) return damaged;
  Backup backup{.number = static_cast<std::uint32_t>(*number),
                .created_at = *created_at,
                .history_id = std::move(*history_id),
                .records = static_cast<int>(*records),
                .log_end = static_cast<std::int64_t>(*log_end),
                .log = {}};
  for (const auto& value : log->get_array()) {
    auto file = read_log_file(value);
    if (!file) return damaged;
    backup.log.push_back(std::move(*file));
  }
  backup.warning = string_field(object, "warning", errors).value_or("");
  return backup;
}

base::Result<BackupRequest> read_backup_request(std::string_view json) {
  const base::Error wrong{base::ErrorCode::invalid,
                          R"(must be {"directory":"/an/absolute/path","keep":7,"mibPerSecond":64})"};
  Document document;
  if (!document.parse(json)) return wrong;
  FieldErrors errors;
  auto directory = string_field(document.object(), "directory", errors);
  if (!directory || !directory->starts_with('/')) return wrong;
  BackupRequest request{.directory = std::move(*directory)};
  const auto read = [&](std::string_view name, std::uint32_t least, std::uint32_t& into) {
    constexpr std::uint64_t kMost = 1'000'000;
    if (find_member(document.object(), name) == nullptr) return true;
    const auto number = number_field(document.object(), name, errors);
    if (!number || *number < least || *number > kMost) return false;
    into = static_cast<std::uint32_t>(*number);
    return true;
  };
  if (!read("keep", 0, request.keep) || !read("mibPerSecond", 1, request.mib_per_second)) return wrong;
  return request;
}

std::string backup_request_json(const BackupRequest& request) {
  std::string out;
  base::JsonObjectWriter(out)
      .string("directory", request.directory)
      .number("keep", request.keep)
      .number("mibPerSecond", request.mib_per_second)
      .close();
  return out;
}

}  // namespace message_service::wire
