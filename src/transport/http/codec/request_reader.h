// Reads one request from bytes as they come, strictly and within limits. No I/O; one owner.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "transport/http/codec/message.h"

namespace message_service::http {

struct RequestLimits {
  std::uint32_t header_bytes_max = std::uint32_t{16} << 10;  // request line and headers together
  std::uint64_t body_bytes_max = std::uint64_t{64} << 10;
  std::size_t target_bytes_max = 4096;
};

// Which requests may have a longer body than others.
class BodyAllowance {
 public:
  virtual ~BodyAllowance() = default;
  virtual std::uint64_t body_bytes_max(std::string_view method, std::string_view target) const = 0;
  // Of them all.
  virtual std::uint64_t longest_body_bytes_max() const = 0;
};

class RequestReader final : public RequestHeaders {
 public:
  enum class State { reading_header, reading_body, complete, failed };

  // The allowance is asked about bodies beyond the limit only; null: there is none.
  explicit RequestReader(const RequestLimits& limits, const BodyAllowance* allowance = nullptr);

  // Takes what it can off the front of `input`.
  State feed(std::string_view& input);

  // Once `failed`: what to answer before the connection ends.
  unsigned failed_status() const { return failed_status_; }
  const std::string& failed_detail() const { return failed_detail_; }

  // From `reading_body` on.
  bool expects_continue() const;
  bool keep_alive() const { return parser_.get().keep_alive(); }
  bool is_http_1_0() const { return parser_.get().version() == 10; }
  std::string_view method() const;
  std::string_view target() const;
  std::string_view value(std::string_view name) const override;
  std::vector<std::pair<std::string, std::string>> all() const override;

  // Once `complete`.
  std::string_view body() const { return parser_.get().body(); }

 private:
  State fail(unsigned status, std::string detail);
  State fail(const boost::beast::error_code& error);
  State check_header();
  bool is_too_long(std::uint64_t body_bytes);

  const RequestLimits limits_;
  const BodyAllowance* const allowance_;
  std::uint64_t body_bytes_max_;
  boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
  bool header_checked_ = false;
  unsigned failed_status_ = 0;
  std::string failed_detail_;
};

}  // namespace message_service::http
