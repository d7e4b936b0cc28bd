// File descriptors: the process may open as many as its limits need, and log, store and cluster have priority over
// connections.
//
// One thread calls these functions while the service starts.
#pragma once

#include <cstdint>
#include <string>

#include "config/settings.h"

namespace message_service::service {

struct OpenFilesLimit {
  std::uint64_t soft = 0;  // the limit that counts now
  std::uint64_t hard = 0;  // the limit to which this process may raise it
};
OpenFilesLimit open_files_limit();

// For Limits:Connections and everything else.
std::uint64_t open_files_wanted(const config::Settings& settings);

// Raises the soft limit to the wanted number, as far as the hard one allows. Returns a text that says what is missing,
// empty when nothing is.
std::string raise_open_files_limit(const config::Settings& settings);

// How many connections there are descriptors for, once log, store and cluster are open.
std::size_t connections_with_descriptors(const config::Settings& settings);

}  // namespace message_service::service
