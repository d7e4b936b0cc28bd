// Reads one request from bytes as they come, strictly and within limits; each byte is looked at once. No I/O; one
// owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/codec/chunk_reader.h"
#include "http/codec/head_reader.h"
#include "http/codec/message.h"

namespace http {

struct RequestLimits {
  HeadLimits head;
  std::uint64_t body_bytes_max = std::uint64_t{64} << 10;
};

class RequestReader final : public RequestHeaders {
 public:
  // `head`: the head is whole, and the body waits for begin_body().
  enum class State { reading_header, head, reading_body, complete, failed };

  explicit RequestReader(const RequestLimits& limits) : limits_(limits), head_(limits.head) {}

  // Takes what it can off the front of `input`: all of it until the head or the request is complete.
  State feed(std::string_view& input);

  // In state `head`: the body may come, and may be longer than the limit. False: it is known to be too long already.
  bool begin_body(std::uint64_t body_bytes_max = 0);

  // In state `head`: the body may come, and is thrown away. False: it is too long for that, or may never come.
  bool begin_skipping_body();

  State state() const { return state_; }

  // Once `failed`: what to answer before the connection ends.
  unsigned failed_status() const { return refusal_.status; }
  const std::string& failed_detail() const { return refusal_.detail; }

  // From `head` on.
  // The length of the body; nothing when the head does not tell.
  std::optional<std::uint64_t> body_bytes() const;
  bool expects_continue() const;
  bool keep_alive() const { return !framing_.close && (framing_.keep_alive || !is_http_1_0()); }
  bool is_http_1_0() const { return head_.is_http_1_0(); }
  std::string_view method() const { return head_.method(); }
  std::string_view target() const { return head_.target(); }
  // Whom the client asks: the authority of an absolute target, else Host; empty when it says neither.
  std::string_view host() const { return host_; }
  std::string_view value(std::string_view name) const override;
  std::vector<std::string_view> values(std::string_view name) const override;
  std::vector<std::pair<std::string, std::string>> all() const override;

  // Once `complete`.
  std::string_view body() const { return body_; }

 private:
  State fail(unsigned status, std::string detail);
  State feed_head(std::string_view& input);
  State feed_body(std::string_view& input);
  // What the headers that decide about the request's framing say.
  struct Framing {
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t codings = 0;
    std::string_view host;
    std::string_view length;
    std::string_view coding;
    bool close = false;
    bool keep_alive = false;
  };
  static Framing framing_of(const HeadReader& head);
  State check_head();
  State check_host();
  State check_length();

  const RequestLimits limits_;
  State state_ = State::reading_header;
  HeadReader head_;
  Framing framing_;
  std::string_view host_;
  std::uint64_t length_ = 0;
  std::uint64_t received_ = 0;  // of it
  std::optional<ChunkReader> chunks_;
  bool skipping_body_ = false;
  std::string body_;
  Refusal refusal_;
};

}  // namespace http
