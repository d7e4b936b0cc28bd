// Files without a name, for what does not fit into memory: they are gone when they are closed.
#pragma once

#include <cstddef>
#include <filesystem>

namespace message_service::verify {

// The descriptor of a new one, which the caller closes; below 0: see errno.
int open_temporary_file(const std::filesystem::path& folder);

// Writes all of them behind what is there. 0, or the errno.
int write_all(int descriptor, const void* bytes, std::size_t count);

}  // namespace message_service::verify
