#include "runtime/spawn.h"

#include <boost/asio/co_spawn.hpp>
#include <string>
#include <utility>

#include "logging/rare_line.h"

namespace runtime {

namespace {

std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

void spawn(const Executor& executor, Awaitable<void> work, const char* what) {
  boost::asio::co_spawn(executor, std::move(work), [what](const std::exception_ptr& failure) {
    if (failure) log_failure(what, failure);
  });
}

void log_failure(const char* what, const std::exception_ptr& failure) {
  static logging::RareLine line(logging::Level::error);
  line.write(std::string(what) + " failed: " + text_of(failure));
}

}  // namespace runtime
