// A person's tokens that count no more: all that were issued before a time. A value.
#pragma once

#include <string>

#include "base/clock.h"

namespace message_service {

struct Revocation {
  std::string subject;
  base::Timestamp issued_before = 0;
  base::Timestamp kept_until = 0;  // by then the tokens have ended by themselves
};

}  // namespace message_service
