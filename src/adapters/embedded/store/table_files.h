// How many files the store may have open. Any thread.
#pragma once

#include <cstddef>

namespace message_service::embedded {

// How many table files of the store are open at once at most: a part of what the process may open.
std::size_t table_files_max();

}  // namespace message_service::embedded
