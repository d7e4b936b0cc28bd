// Reads one request from bytes as they arrive, strictly and within limits, and looks at each byte once. No I/O; one
// owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bounds.h"
#include "http/codec/chunk_reader.h"
#include "http/codec/head_reader.h"
#include "http/codec/message.h"

namespace http {

struct RequestLimits {
  HeadLimits head;
  std::uint64_t body_bytes_max = std::uint64_t{64} << 10;
  static constexpr base::Bounds<std::uint64_t> body_bytes_bounds{256, std::uint64_t{64} << 20};
};

class RequestReader final : public RequestHeaders {
 public:
  // `head`: the head is complete, and reading the body waits for begin_body().
  enum class State { reading_header, head, reading_body, complete, failed };

  explicit RequestReader(const RequestLimits& limits) : limits_(limits), head_(limits.head) {}

  // Takes bytes off the front of `input`: all of `input` until the head or the request is complete.
  State feed(std::string_view& input);

  // In state `head`: feed() reads the body, which may be longer than the general limit. Returns false when the head
  // already states a length above `body_bytes_max` and the general limit.
  bool begin_body(std::uint64_t body_bytes_max = 0);

  // In state `head`: feed() reads the body and discards it. Returns false when the body may be too long for that, or
  // may never arrive.
  bool begin_skipping_body();

  State state() const { return state_; }

  // Valid in state `failed`: the answer to send before the connection ends.
  unsigned failed_status() const { return refusal_.status; }
  const std::string& failed_detail() const { return refusal_.detail; }

  // Valid from state `head` on.
  // The length of the body; nothing when the head does not state it.
  std::optional<std::uint64_t> body_bytes() const;
  bool expects_continue() const;
  bool keep_alive() const { return !framing_.close && (framing_.keep_alive || !is_http_1_0()); }
  bool is_http_1_0() const { return head_.is_http_1_0(); }
  std::string_view method() const { return head_.method(); }
  std::string_view target() const { return head_.target(); }
  // The host that the client asks for: the authority of an absolute target, else Host; empty when the request has
  // neither.
  std::string_view host() const { return host_; }
  std::string_view value(std::string_view name) const override;
  std::vector<std::string_view> values(std::string_view name) const override;
  std::vector<std::pair<std::string, std::string>> all() const override;

  // Valid in state `complete`.
  std::string_view body() const { return body_; }

 private:
  State fail(unsigned status, std::string detail);
  State feed_head(std::string_view& input);
  State feed_body(std::string_view& input);
  // The contents of the headers that decide the request's framing.
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
  std::uint64_t received_ = 0;  // of length_
  std::optional<ChunkReader> chunks_;
  bool skipping_body_ = false;
  std::string body_;
  Refusal refusal_;
};

}  // namespace http
