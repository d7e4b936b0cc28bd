#include "base/keyed_hash.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/random.h"

namespace base {

namespace {

static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");

struct Key {
  std::uint64_t first;
  std::uint64_t second;
};

const Key& process_key() {
  static const Key key = std::bit_cast<Key>(random_bytes<sizeof(Key)>());
  return key;
}

class Sip {
 public:
  explicit Sip(const Key& key)
      : a_(key.first ^ 0x736f6d6570736575),
        b_(key.second ^ 0x646f72616e646f6d),
        c_(key.first ^ 0x6c7967656e657261),
        d_(key.second ^ 0x7465646279746573) {}

  void take(std::uint64_t word) {
    d_ ^= word;
    round();
    a_ ^= word;
  }
  std::uint64_t finish() {
    c_ ^= 0xff;
    for (int i = 0; i < 3; ++i) round();
    return a_ ^ b_ ^ c_ ^ d_;
  }

 private:
  void round() {
    a_ += b_;
    b_ = std::rotl(b_, 13) ^ a_;
    a_ = std::rotl(a_, 32);
    c_ += d_;
    d_ = std::rotl(d_, 16) ^ c_;
    a_ += d_;
    d_ = std::rotl(d_, 21) ^ a_;
    c_ += b_;
    b_ = std::rotl(b_, 17) ^ c_;
    c_ = std::rotl(c_, 32);
  }

  std::uint64_t a_, b_, c_, d_;
};

}  // namespace

std::uint64_t keyed_hash(std::string_view bytes) {
  Sip sip(process_key());
  std::uint64_t last = static_cast<std::uint64_t>(bytes.size()) << 56;
  std::uint64_t word = 0;
  for (; bytes.size() >= sizeof word; bytes.remove_prefix(sizeof word)) {
    std::memcpy(&word, bytes.data(), sizeof word);
    sip.take(word);
  }
  word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  sip.take(last | word);
  return sip.finish();
}

std::uint64_t keyed_hash(std::uint64_t number) {
  const Key& key = process_key();
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(number ^ key.first) * (key.second | 1);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace base
