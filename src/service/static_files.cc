#include "service/static_files.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/hex.h"
#include "http/routing/accept_encoding.h"

namespace message_service::service {

namespace {

using http::Exchange;
using http::Response;

std::string_view content_type_of(std::string_view path) {
  if (path.ends_with(".html")) return "text/html; charset=utf-8";
  if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  if (path.ends_with(".json")) return http::kJson;
  return "application/octet-stream";
}

// One of a file's encodings. Each has an ETag of its own, since their bytes differ.
struct Form {
  std::string_view coding;
  std::string_view bytes;
  std::string etag;
};

class StaticFile {
 public:
  explicit StaticFile(const EmbeddedFile& file)
      : content_type_(content_type_of(file.path)), is_hashed_(file.path.starts_with("/assets/")) {
    // Of a very small file the compressed forms are larger.
    if (file.brotli.size() < file.bytes.size()) add("br", file.brotli);
    if (file.gzip.size() < file.bytes.size()) add("gzip", file.gzip);
    for (const Form& form : forms_) codings_.push_back(form.coding);
    add(http::kIdentity, file.bytes);
  }

  Response answer(const http::Request& request) const {
    const auto coding = http::choose_coding(request.headers->values("Accept-Encoding"), codings_);
    Response response{.status = 406};
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (!coding) return response;
    const Form& form = *std::ranges::find(forms_, *coding, &Form::coding);
    // A name in assets/ holds a hash of the content: other content has another name.
    response.headers.emplace_back("Cache-Control", is_hashed_ ? "public, max-age=31536000, immutable" : "no-cache");
    response.headers.emplace_back("ETag", form.etag);
    response.status = has(request, form.etag) ? 304 : 200;
    if (response.status == 304) return response;
    response.content_type = content_type_;
    response.body = form.bytes;
    if (form.coding != http::kIdentity) response.headers.emplace_back("Content-Encoding", form.coding);
    response.headers.emplace_back("Content-Security-Policy",
                                  "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self'; base-uri 'none'; "
                                  "form-action 'self'; frame-ancestors 'none'");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    return response;
  }

 private:
  void add(std::string_view coding, std::string_view bytes) {
    constexpr std::size_t kEnough = 16;
    const auto digest = base::sha256(bytes);
    forms_.push_back({coding, bytes, '"' + base::to_hex(digest).substr(0, 2 * kEnough) + '"'});
  }

  // Whether the client has these very bytes. A proxy may have weakened the ETag on its way.
  static bool has(const http::Request& request, std::string_view etag) {
    const auto lists = request.headers->values("If-None-Match");
    return std::ranges::any_of(
        lists, [&](std::string_view list) { return list == "*" || list.find(etag) != std::string_view::npos; });
  }

  std::string_view content_type_;
  bool is_hashed_;
  std::vector<Form> forms_;
  std::vector<std::string_view> codings_;  // but identity
};

}  // namespace

void add_file_route(http::Router& router, std::string_view path, const EmbeddedFile& file, std::string_view access) {
  const auto served = std::make_shared<const StaticFile>(file);
  router.add("GET", path, {.access = access},
             [served, name = std::string(path.substr(1))](Exchange& exchange) -> runtime::Awaitable<Response> {
               const std::vector<std::string>& segments = exchange.request.target.segments;
               if (!name.empty() && segments.back().empty()) {
                 Response moved{.status = 308};
                 moved.headers.emplace_back("Location", "../" + name.substr(name.rfind('/') + 1));
                 co_return moved;
               }
               co_return served->answer(exchange.request);
             });
}

}  // namespace message_service::service
