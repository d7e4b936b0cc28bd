// Result<T>: a value or an Error, for everything that can fail after start-up.
//
// An Error is one of a small closed set of codes and a text for people. A code states the conclusion that the caller
// may draw, not which library complained: see the three outcomes in docs/guarantees.md.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace base {

enum class ErrorCode {
  invalid,      // the input is wrong; the text names the field and describes a correct value
  forbidden,    // the caller may not do this, whoever else may
  not_found,    // the thing does not exist
  conflict,     // the thing exists with other content
  refused,      // certainly not done: the caller may try again
  unknown,      // done or not, nobody can know: the caller may send the same key again
  corrupt,      // stored bytes fail their checksum or their format
  unavailable,  // the system that this call depends on does not answer
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
