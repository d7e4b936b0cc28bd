#include "tls/channel.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <new>
#include <utility>

namespace tls {

namespace {

bool is_temporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int number_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int send_to_socket(BIO* bio, const char* bytes, std::size_t count, std::size_t* sent) {
  BIO_clear_retry_flags(bio);
  const ssize_t result = ::send(number_of(bio), bytes, count, MSG_NOSIGNAL);
  if (result >= 0) {
    *sent = static_cast<std::size_t>(result);
    return 1;
  }
  if (is_temporary(errno)) BIO_set_retry_write(bio);
  return 0;
}

int receive_from_socket(BIO* bio, char* into, std::size_t room, std::size_t* received) {
  BIO_clear_retry_flags(bio);
  const ssize_t result = ::recv(number_of(bio), into, room, 0);
  if (result > 0) {
    *received = static_cast<std::size_t>(result);
    return 1;
  }
  if (result == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  if (result < 0 && is_temporary(errno)) BIO_set_retry_read(bio);
  return 0;
}

long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL: a peer that has gone would end the process.
const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_write_ex(made, send_to_socket);
    BIO_meth_set_read_ex(made, receive_from_socket);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

}  // namespace

void Channel::Free::operator()(SSL* ssl) const { SSL_free(ssl); }

Channel::Channel(std::unique_ptr<SSL, Free> ssl, int socket) : ssl_(std::move(ssl)) {
  BIO* bio = BIO_new(socket_method());
  if (bio == nullptr) throw std::bad_alloc();
  // The BIO's place for a pointer holds the number itself.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
}

Progress Channel::handshake() {
  ERR_clear_error();
  const Progress progress = progress_of(SSL_accept(ssl_.get()), 0);
  read_waits_ = progress.outcome;
  return progress;
}

Progress Channel::read(std::span<char> into) { return receive(SSL_read_ex, into); }

Progress Channel::peek(std::span<char> into) { return receive(SSL_peek_ex, into); }

Progress Channel::receive(Receive* from, std::span<char> into) {
  ERR_clear_error();
  std::size_t count = 0;
  const int result = from(ssl_.get(), into.data(), into.size(), &count);
  const Progress progress = progress_of(result, count);
  read_waits_ = progress.outcome;
  return progress;
}

// OpenSSL wants the length of the record that it has begun, and does not look at the bytes again.
Progress Channel::write(std::span<const char> bytes) {
  ERR_clear_error();
  const std::size_t asked = in_flight_ > 0 ? in_flight_ : std::min(bytes.size(), kRecordBytes);
  if (asked == 0) return {Outcome::done, 0};
  std::size_t count = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), asked, &count);
  const Progress progress = progress_of(result, count);
  write_waits_ = progress.outcome;
  const bool waits = progress.outcome == Outcome::wants_to_read || progress.outcome == Outcome::wants_to_write;
  in_flight_ = waits ? asked : 0;
  return progress;
}

Progress Channel::end_sending() {
  if (failed_ || SSL_is_init_finished(ssl_.get()) == 0) return {};
  if (in_flight_ > 0) return {};  // the peer has a part of a record, which nothing may follow
  if (end_sent_) return {Outcome::done, 0};
  ERR_clear_error();
  const int result = SSL_shutdown(ssl_.get());
  end_sent_ = result >= 0;
  if (end_sent_) return {Outcome::done, 0};
  const Progress progress = progress_of(result, 0);
  write_waits_ = progress.outcome;
  return progress;
}

std::string Channel::fault() const {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "the peer has closed the connection" : text;
}

bool Channel::has_input() const { return read_waits_ == Outcome::done && SSL_has_pending(ssl_.get()) != 0; }

Progress Channel::progress_of(int result, std::size_t bytes) {
  if (result > 0) return {Outcome::done, bytes};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Outcome::wants_to_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Outcome::wants_to_write, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Outcome::ended, 0};
    default:
      failed_ = true;  // OpenSSL forbids SSL_shutdown() from now on
      return {Outcome::failed, 0};
  }
}

}  // namespace tls
