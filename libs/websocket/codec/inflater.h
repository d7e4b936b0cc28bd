// Takes a compressed message apart (RFC 7692, section 7.2.2), a portion at a time, whatever it is the beginning of.
//
// A connection borrows one while such a message comes, and owns none between two: each thread keeps a few. One owner at
// a time; any thread.
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
    full,    // there is more to come out: run again, with what is left of the input
    ended,   // the message is whole
    broken,  // this cannot be right
  };
  struct Portion {
    State state;
    std::size_t taken;       // off the front of the input
    std::string_view bytes;  // in memory of the thread, until its next portion
  };

  // The next portion that `input` gives; `last` when it holds the message's last bytes.
  Portion run(std::span<const char> input, bool last);

  // For another message.
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
