// How large the parts of a message may be. Values; set from configuration, one copy for every stage that validates.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bounds.h"

namespace message_service {

struct Limits {
  std::size_t content_bytes_max = std::size_t{16} << 10;
  static constexpr base::Bounds<std::size_t> content_bytes_bounds{1, std::size_t{10} << 20};
  std::size_t id_bytes_max = 128;
  static constexpr base::Bounds<std::size_t> id_bytes_bounds{16, 1024};
  std::size_t participants_max = 1000;
  std::vector<std::string> sender_types{"Parent", "Teacher", "Student", "Admin", "System"};
};

}  // namespace message_service
