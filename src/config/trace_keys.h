// The settings of traces, and OpenTelemetry's variables that stand for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/entry.h"
#include "config/sources.h"

namespace message_service::config {

std::vector<Entry> trace_keys();

// From OTEL_* variables, the general ones before those for traces alone. A variable without a value counts as not set.
std::vector<Assignment> read_otel_variables(const std::vector<std::pair<std::string, std::string>>& variables);

// Whether the service knows the variable and does not follow it: the reason, as a notice for people.
std::optional<std::string> otel_notice(std::string_view name, std::string_view value);

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "name=value,name=value", as W3C Baggage writes it, with values that are percent-encoded. Nothing where it is none.
std::optional<Pairs> parse_pairs(std::string_view text);

}  // namespace message_service::config
