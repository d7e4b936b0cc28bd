// One of the checks as a libFuzzer program; which one is FUZZ_CHECK, see CMakeLists.txt.
#include <cstddef>
#include <cstdint>

#include "fuzz/checks.h"
#include "fuzz/store_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  message_service::fuzz::FUZZ_CHECK({reinterpret_cast<const char*>(data), size});
  return 0;
}
