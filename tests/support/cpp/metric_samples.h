// Counters as GET /metrics shows them, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "observe/metrics.h"
#include "support/cpp/temporary_embedded.h"

namespace message_service::embedded {

// Its whole part; 0 where there is no such sample. Small and large values are shown with an exponent.
inline int sample_of(const Metrics& metrics, const std::string& sample) {
  const std::string text = metrics.expose();
  const std::size_t at = text.find("\nmessage_service_" + sample + " ");
  return at == std::string::npos ? 0 : static_cast<int>(std::stod(text.substr(text.find(' ', at + 1))));
}

// Waits: what a batch did is counted a moment after the log's position says that it is done.
inline testing::AssertionResult shows(const Metrics& metrics, const std::string& sample, int value) {
  if (eventually([&] { return sample_of(metrics, sample) == value; })) return testing::AssertionSuccess();
  return testing::AssertionFailure() << sample << " is " << sample_of(metrics, sample) << " and not " << value;
}

}  // namespace message_service::embedded
