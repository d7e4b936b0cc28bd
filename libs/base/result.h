// Result<T>: a value or an Error, for everything that can fail after start-up.
//
// An Error is one of a small closed set of codes and a text for people. Codes say what the caller may conclude,
// not which library complained: see the three outcomes in docs/guarantees.md.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace base {

enum class ErrorCode {
  invalid,      // the input is wrong; the text names the field and says what would be right
  not_found,    // no such thing
  conflict,     // it exists with other content
  refused,      // certainly not done: the caller may try again
  unknown,      // done or not, nobody can tell: the same key may be sent again
  corrupt,      // stored bytes fail their checksum or their format
  unavailable,  // the thing behind this call does not answer
};

struct Error {
  ErrorCode code;
  std::string text;
  std::string_view reason{};  // of a refusal, for programs: a literal such as "queue-wait"
};

template <class T>
using Result = boost::system::result<T, Error>;

// Called by Result::value() on an error; only start-up code and tests use value().
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location& /*where*/) {
  throw std::runtime_error(error.text);
}

}  // namespace base
