// How many files the store may have open. Any thread.
#pragma once

#include <cstddef>

namespace message_service::embedded {

// The most table files of the store that are open at once: a part of the files that the process may open.
std::size_t table_files_max();

}  // namespace message_service::embedded
