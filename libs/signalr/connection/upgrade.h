// The HTTP side of opening a WebSocket (RFC 6455, section 4.2). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/codec/message.h"
#include "websocket/codec/deflate_agreement.h"

namespace signalr {

// Whether a comma-separated header names the token, without regard to case.
bool lists(std::string_view header, std::string_view token);

bool asks_for_websocket(const http::Request& request);

// The response to a request that is wrong; nothing when the request is right.
std::optional<http::Response> refuse_upgrade(const http::Request& request);

// The compression that both sides can agree on, if any.
std::optional<websocket::DeflateAgreement> agree_on_deflate(const http::Request& request);

// 101. Expects a request that refuse_upgrade() does not refuse.
http::Response accept_upgrade(const http::Request& request, const std::optional<websocket::DeflateAgreement>& deflate,
                              http::Response::Upgrade upgrade);

// Errors on the transport's routes are plain text, as clients expect.
http::Response text_response(unsigned status, std::string text);

}  // namespace signalr
