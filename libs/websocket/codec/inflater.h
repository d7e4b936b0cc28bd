// Decompresses a message (RFC 7692, section 7.2.2), a portion at a time, regardless of how long the message becomes.
//
// A connection borrows an inflater while a compressed message arrives, and owns none between two messages: each thread
// keeps a few. One owner at a time; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace websocket {

class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  enum class State : std::uint8_t {
    hungry,  // all of the input is taken
    full,    // more output waits: run again, with the rest of the input
    ended,   // the message is complete
    broken,  // the message is not valid
  };
  struct Portion {
    State state;
    std::size_t taken;       // off the front of the input
    std::string_view bytes;  // in the thread's memory, until the thread's next portion
  };

  // Returns the next portion that `input` gives. `last`: `input` holds the message's last bytes.
  Portion run(std::span<const char> input, bool last);

  // Prepares for another message.
  void reset();

 private:
  struct Stream;

  const std::unique_ptr<Stream> stream_;
  std::size_t tail_taken_ = 0;
  bool broken_ = false;
};

struct ReturnInflater {
  void operator()(Inflater* inflater) const;
};
using BorrowedInflater = std::unique_ptr<Inflater, ReturnInflater>;

BorrowedInflater borrow_inflater();

}  // namespace websocket
