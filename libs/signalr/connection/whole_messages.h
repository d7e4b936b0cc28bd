// Assembles a client's WebSocket messages, to be taken one at a time. Owned by one connection; holds the messages from
// one read of the socket and one unfinished message. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "websocket/codec/frame_parser.h"

namespace signalr {

class WholeMessages {
 public:
  void add(const websocket::Data& data) {
    unfinished_.append(data.bytes);
    if (data.message_end) whole_.push_back(std::exchange(unfinished_, {}));
  }

  // Appends the next one to `input`. False when there is none.
  bool take(std::string& input) {
    if (next_ == whole_.size()) return false;
    input.append(std::exchange(whole_[next_++], {}));
    if (next_ == whole_.size()) {
      whole_ = {};
      next_ = 0;
    }
    return true;
  }

 private:
  std::string unfinished_;
  std::vector<std::string> whole_;
  std::size_t next_ = 0;
};

}  // namespace signalr
