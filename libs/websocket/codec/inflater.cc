#include "websocket/codec/inflater.h"

#define ZLIB_CONST
#include <zlib.h>

#include <array>
#include <utility>
#include <vector>

#include "base/check.h"

namespace websocket {

namespace {

constexpr std::size_t kPortionBytes = std::size_t{16} << 10;
constexpr std::size_t kInflatersKept = 4;  // for each thread
constexpr int kRawWindowBits = -15;
constexpr int kBlockEnded = 128;  // in z_stream::data_type

// Every compressed message ends with this tail; the sender leaves it out.
constexpr std::string_view kTail("\x00\x00\xFF\xFF", 4);

std::array<char, kPortionBytes>& portion_buffer() {
  thread_local std::array<char, kPortionBytes> portion;
  return portion;
}

std::vector<std::unique_ptr<Inflater>>& kept() {
  thread_local std::vector<std::unique_ptr<Inflater>> inflaters;
  return inflaters;
}

}  // namespace

struct Inflater::Stream {
  z_stream z{};

  std::size_t room() const { return z.avail_out; }

  // Consumes as much input as there is room for. Bytes that the stream already holds come out first, even without
  // input. Returns false when the stream is broken.
  bool feed(std::span<const char> input, int flush) {
    z.next_in = reinterpret_cast<const Bytef*>(input.data());
    z.avail_in = static_cast<uInt>(input.size());
    int status = Z_OK;
    do {
      status = inflate(&z, flush);
      if (status == Z_STREAM_END) status = inflateReset(&z);  // a final block: others may follow
    } while (status == Z_OK && z.avail_in > 0 && z.avail_out > 0);
    return status == Z_OK || (status == Z_BUF_ERROR && (z.avail_in == 0 || z.avail_out == 0));
  }
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) { CHECK(inflateInit2(&stream_->z, kRawWindowBits) == Z_OK); }

Inflater::~Inflater() { inflateEnd(&stream_->z); }

void Inflater::reset() {
  inflateReset(&stream_->z);
  tail_taken_ = 0;
  broken_ = false;
}

// Returns the output before an error first and the error afterwards, so that the verdict does not depend on how the
// input was cut.
Inflater::Portion Inflater::run(std::span<const char> input, bool last) {
  z_stream& z = stream_->z;
  auto& out = portion_buffer();
  std::size_t taken = 0;
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  if (!broken_) {
    broken_ = !stream_->feed(input, Z_SYNC_FLUSH);
    taken = input.size() - z.avail_in;
  }
  const bool at_tail = last && taken == input.size();
  if (!broken_ && at_tail && stream_->room() > 0) {
    broken_ = !stream_->feed(kTail.substr(tail_taken_), Z_BLOCK);
    tail_taken_ = kTail.size() - z.avail_in;
    const bool over = !broken_ && stream_->room() > 0;
    if (over && (z.data_type & kBlockEnded) == 0) broken_ = true;  // cut off within a block
  }
  const std::string_view bytes(out.data(), out.size() - stream_->room());
  if (broken_) return {bytes.empty() ? State::broken : State::full, taken, bytes};
  if (stream_->room() == 0) return {State::full, taken, bytes};
  return {at_tail ? State::ended : State::hungry, taken, bytes};
}

void ReturnInflater::operator()(Inflater* inflater) const {
  std::unique_ptr<Inflater> owned(inflater);
  if (kept().size() < kInflatersKept) kept().push_back(std::move(owned));
}

BorrowedInflater borrow_inflater() {
  if (kept().empty()) return BorrowedInflater(new Inflater());
  BorrowedInflater inflater(kept().back().release());
  kept().pop_back();
  inflater->reset();
  return inflater;
}

}  // namespace websocket
