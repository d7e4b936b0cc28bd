#include "websocket/codec/deflater.h"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.h"

namespace websocket {

namespace {

// The fastest level has most of the gain in a third of the time of zlib's usual level. With a table smaller than usual
// the compressor takes 160 KiB. docs/signalr.md has the figures.
constexpr int kLevel = 1;
constexpr int kMemoryLevel = 6;
constexpr int kWindowBitsMin = 9;  // zlib's minimum; with it zlib looks back no further than 8 bits reach

constexpr std::size_t kMessageBytesMax = std::size_t{1} << 30;
constexpr std::size_t kTailBytes = 4;    // of every flush, always the same; they are not sent
constexpr std::size_t kSmallBytes = 64;  // more than zlib needs at once to end its flush

class Compressor {
 public:
  explicit Compressor(int window_bits) {
    CHECK(deflateInit2(&stream_, kLevel, Z_DEFLATED, -window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~Compressor() { deflateEnd(&stream_); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  std::string run(std::string_view message) {
    CHECK(message.size() <= kMessageBytesMax);
    deflateReset(&stream_);
    stream_.next_in = reinterpret_cast<const Bytef*>(message.data());
    stream_.avail_in = static_cast<uInt>(message.size());
    std::string out;
    std::size_t made = 0;
    do {
      out.resize(made + message.size() / 2 + kSmallBytes);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + made);
      stream_.avail_out = static_cast<uInt>(out.size() - made);
      const int status = deflate(&stream_, Z_SYNC_FLUSH);
      CHECK(status == Z_OK || status == Z_BUF_ERROR);  // Z_BUF_ERROR: all output was out already
      made = out.size() - stream_.avail_out;
    } while (stream_.avail_out == 0);
    out.resize(made - kTailBytes);
    return out;
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::string deflated(std::string_view message, int window_bits) {
  thread_local std::array<std::unique_ptr<Compressor>, DeflateAgreement::kWindowBitsMax + 1> compressors;
  window_bits = std::max(window_bits, kWindowBitsMin);
  auto& compressor = compressors.at(static_cast<std::size_t>(window_bits));
  if (!compressor) compressor = std::make_unique<Compressor>(window_bits);
  return compressor->run(message);
}

std::optional<std::string> deflated_frame(Opcode opcode, std::string_view message) {
  if (message.size() > kMessageBytesMax) return std::nullopt;
  const std::string payload = deflated(message);
  if (payload.size() >= message.size()) return std::nullopt;
  std::string bytes = frame(opcode, payload);
  mark_deflated(bytes);
  return bytes;
}

}  // namespace websocket
