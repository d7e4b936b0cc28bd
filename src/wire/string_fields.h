// Reads the string fields of one JSON object in one pass, without a tree in between, for the hot path.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/field_errors.h"

namespace message_service::wire {

struct StringField {
  std::string_view name;
  std::optional<std::string>& value;  // absent and null: nothing
};

// Gives exactly the results of json_reader.h's Document and string_field(): `invalid` names the place of the first
// mistake in the text; a field of another type is an error of that field; names match in any case, and of two with one
// name the later one counts.
base::Result<void> read_string_fields(std::string_view text, std::span<const StringField> fields, FieldErrors& errors);

}  // namespace message_service::wire
