// Collects all mistakes in options, each with the option's name.
#pragma once

#include <string>
#include <vector>

namespace message_service::bench {

inline void require(std::vector<std::string>& mistakes, bool holds, std::string text) {
  if (!holds) mistakes.push_back(std::move(text));
}

inline bool within(double value, double low, double high) { return value >= low && value <= high; }

}  // namespace message_service::bench
