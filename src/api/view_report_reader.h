// Reads the argument of the hub's method ReportView. Pure.
#pragma once

#include <variant>

#include "model/field_errors.h"
#include "model/limits.h"
#include "pipeline/views/view_report.h"
#include "signalr/protocol/value.h"

namespace message_service::api {

// The errors name all fields that are wrong. Leaves out who reports.
std::variant<ViewReport, FieldErrors> read_view_report(const signalr::Value& argument, const Limits& limits);

}  // namespace message_service::api
