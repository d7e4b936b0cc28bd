// How large the parts of a message may be. Values; set from configuration, one copy for every stage that validates.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace message_service {

struct Limits {
  std::size_t content_bytes_max = std::size_t{16} << 10;
  std::size_t id_bytes_max = 128;
  std::size_t participants_max = 1000;
  std::vector<std::string> sender_types{"Parent", "Teacher", "Student", "Admin", "System"};
};

}  // namespace message_service
