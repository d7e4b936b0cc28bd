// Logs a lasting condition: one line when it begins, one when it changes, one when it ends. One thread.
#pragma once

#include <string>
#include <utility>

#include "logging/logging.h"

namespace message_service::kafka {

class Trouble {
 public:
  explicit Trouble(std::string what) : what_(std::move(what)) {}

  void is(const std::string& why) {
    if (why == why_) return;
    why_ = why;
    logging::warning(what_ + ": " + why_);
  }

  void over() {
    if (why_.empty()) return;
    logging::info(what_ + ": no longer");
    why_.clear();
  }

 private:
  const std::string what_;
  std::string why_;
};

}  // namespace message_service::kafka
