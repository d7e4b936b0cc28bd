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
  std::uint32_t header_bytes_max = 16 * 1024;  // request line and headers together
  std::uint64_t body_bytes_max = 64 * 1024;
  std::size_t target_bytes_max = 4096;
};

class RequestReader final : public RequestHeaders {
 public:
  enum class State { reading_header, reading_body, complete, failed };

  explicit RequestReader(const RequestLimits& limits);

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

  const RequestLimits limits_;
  boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
  bool header_checked_ = false;
  unsigned failed_status_ = 0;
  std::string failed_detail_;
};

}  // namespace message_service::http
