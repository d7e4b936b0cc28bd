// How new a program must be to read a record.
//
// A record of a version above 1 names it in the header `requires-version`. A program that reads only lower versions
// must leave such a record in the log, for a newer program.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "model/log_record.h"

namespace message_service {

// The highest version that this program reads, and writes once it may (pipeline/versions/version_gate.h).
inline constexpr int kRecordVersion = 2;

// Since which version there are changes of participants.
inline constexpr int kVersionOfChanges = 2;

inline constexpr int kRecordVersionMax = 999'999;

namespace header_name {
inline constexpr std::string_view requires_version = "requires-version";
}  // namespace header_name

// Accepts only a plain number from 1 to kRecordVersionMax.
inline std::optional<int> parse_record_version(std::string_view text) {
  int version = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
  if (read.ec != std::errc() || version < 1 || version > kRecordVersionMax || std::to_string(version) != text) {
    return std::nullopt;
  }
  return version;
}

// 1 without the header; nothing when the header is no version.
inline std::optional<int> required_version(const LogRecord& record) {
  const auto header = std::ranges::find(record.headers, header_name::requires_version, &Header::name);
  if (header == record.headers.end()) return 1;
  return parse_record_version(header->value);
}

// For a record that this program writes.
inline Header requires_version_header(int version) {
  return {std::string(header_name::requires_version), std::to_string(version)};
}

}  // namespace message_service
