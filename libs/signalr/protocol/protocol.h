// HubProtocol: one encoding of the hub's messages. Implementations have no state: one object serves every connection on
// every thread for the life of the program.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "signalr/protocol/message.h"

namespace signalr {

struct ProtocolLimits {
  std::size_t message_bytes_max = std::size_t{32} * 1024;  // of one message, its framing included
  std::size_t nesting_max = 64;  // arrays and objects within each other, the message itself included
};

class HubProtocol {
 public:
  virtual ~HubProtocol() = default;

  virtual std::string_view name() const = 0;
  // Lower versions are subsets of this one, down to the 0 that some clients name.
  virtual int version_max() const = 0;
  // True when the messages need binary frames.
  virtual bool is_binary() const = 0;

  // Takes the next message off the front of `input`. Nothing means that `input` holds only the beginning of a message:
  // call again with more bytes after it. On an error (`invalid`) the stream is lost and the connection must end.
  virtual base::Result<std::optional<HubMessage>> parse(std::string_view& input,
                                                        const ProtocolLimits& limits) const = 0;

  // The message with its framing. Cannot fail.
  virtual std::string write(const HubMessage& message) const = 0;
};

}  // namespace signalr
