// One TLS connection of a server, over a socket that does not block. Every call does what it can do now and returns.
//
// One thread at a time. The channel does not own the socket and must not be used after the socket is closed: its number
// may belong to another connection by then.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

using SSL = struct ssl_st;

namespace tls {

enum class Outcome {
  done,
  wants_to_read,   // call again when the socket is readable
  wants_to_write,  // call again when the socket is writable
  ended,           // the peer has ended its side
  failed,          // the connection is of no use any more
};

struct Progress {
  Outcome outcome = Outcome::failed;
  std::size_t bytes = 0;  // when done
};

class Channel {
 public:
  static constexpr std::size_t kRecordBytes = std::size_t{16} << 10;  // the most that one write() takes

  struct Free {
    void operator()(SSL* ssl) const;
  };

  // Takes an SSL object without BIOs, made for the server's side.
  Channel(std::unique_ptr<SSL, Free> ssl, int socket);

  // Call until it is done, and before everything else.
  Progress handshake();

  Progress read(std::span<char> into);

  // Reads without taking the bytes.
  Progress peek(std::span<char> into);

  // Takes one record at most. After wants_to_write the record is encrypted and waits here: the next call must begin
  // with the same bytes.
  Progress write(std::span<const char> bytes);

  // The bytes that wait here after a write() that could not finish.
  std::size_t bytes_in_flight() const { return in_flight_; }

  // Tells the peer that this side sends no more. Reading goes on.
  Progress end_sending();

  // True when input waits here, where the socket does not show it: read before waiting for the socket.
  bool has_input() const;

  // OpenSSL's words for the failure of the call just made.
  std::string fault() const;

  // What the last call of each kind waits for.
  bool read_waits_for_room() const { return read_waits_ == Outcome::wants_to_write; }
  bool write_waits_for_input() const { return write_waits_ == Outcome::wants_to_read; }

 private:
  using Receive = int(SSL* ssl, void* into, std::size_t room, std::size_t* count);
  Progress receive(Receive* from, std::span<char> into);
  Progress progress_of(int result, std::size_t bytes);

  std::unique_ptr<SSL, Free> ssl_;
  std::size_t in_flight_ = 0;
  Outcome read_waits_ = Outcome::wants_to_read;  // done: the last read found bytes
  Outcome write_waits_ = Outcome::done;
  bool end_sent_ = false;
  bool failed_ = false;
};

}  // namespace tls
