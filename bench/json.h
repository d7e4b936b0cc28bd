// Helpers that all reports share.
#pragma once

#include <boost/json/value.hpp>
#include <optional>

namespace message_service::bench {

inline boost::json::value or_null(const std::optional<double>& value) {
  return value ? boost::json::value(*value) : boost::json::value(nullptr);
}

}  // namespace message_service::bench
