// The mistakes of an input, field by field. The empty name stands for the input as a whole.
#pragma once

#include <string>
#include <vector>

namespace message_service {

struct FieldError {
  std::string field;
  std::string text;
};

using FieldErrors = std::vector<FieldError>;

}  // namespace message_service
