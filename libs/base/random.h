// Random bytes fit for identifiers and secrets. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace base {

// Fills from the operating system's generator, through a small buffer for each thread (one system call serves many
// ids).
void random_bytes(std::span<std::uint8_t> out);

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
  std::array<std::uint8_t, N> out;
  random_bytes(out);
  return out;
}

}  // namespace base
