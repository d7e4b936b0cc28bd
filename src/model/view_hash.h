// The hashes by which a client says what it shows (docs/verify.md gives their definition; web/src/model/view_hash.ts is
// the same in TypeScript, and tests/verify/view_hash_vectors.json binds the two). Values; pure.
//
// They find mistakes. They do not stop who wants to make two views look alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace message_service {

// The version of the definition: a message is hashed as it was first stored.
inline constexpr std::uint64_t kViewHashVersion = 1;

// Two lanes of 32 bits, as JavaScript multiplies them.
struct HashLanes {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  bool operator==(const HashLanes&) const = default;
  // Lane by lane, modulo 2^32.
  HashLanes operator+(const HashLanes& other) const { return {first + other.first, second + other.second}; }
  HashLanes operator-(const HashLanes& other) const { return {first - other.first, second - other.second}; }

  // 16 lower-case hexadecimal digits, the first lane first.
  std::string text() const;
  static std::optional<HashLanes> parse(std::string_view text);
};

// Of one message, without its sequence. `id`: its 24 hexadecimal digits.
HashLanes hash_of_message(std::string_view id, std::string_view sender_id, std::string_view content);

// Of the messages of a view, in the order in which it shows them.
class ViewHash {
 public:
  void add(std::uint64_t sequence, const HashLanes& message);

  std::uint64_t count() const { return count_; }
  HashLanes rolling() const;                     // depends on the order and on the sequences
  const HashLanes& sum() const { return sum_; }  // depends on neither

 private:
  void absorb(std::uint32_t word);

  std::uint64_t count_ = 0;
  HashLanes state_{.first = 0x13198A2E, .second = 0x03707344};
  HashLanes sum_;
};

}  // namespace message_service
