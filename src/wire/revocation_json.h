// The JSON form of a revocation. Pure.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/field_errors.h"
#include "model/revocation.h"

namespace message_service::wire {

// The body {"sub", "issuedBefore"?}; without the time, `now`. Wrong fields go to `errors`.
base::Result<Revocation> read_revocation_request(std::string_view body, base::Timestamp now, FieldErrors& errors);

}  // namespace message_service::wire
