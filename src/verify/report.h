// The result of a check: what it looked at, also when all is well, and the faults. Values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "verify/fault.h"

namespace message_service::verify {

struct Counts {
  std::uint64_t lines = 0;
  std::uint64_t cut_off = 0;  // lines that a crash of their writer left unfinished
  std::uint64_t writes = 0, ok = 0, refused = 0, unknown = 0, unknown_but_stored = 0;
  std::uint64_t conversations = 0;  // with a whole listing
  std::uint64_t unlisted = 0;       // conversations without one: nothing was compared with a store
  std::uint64_t stored = 0;
  std::uint64_t foreign = 0;  // stored, and sent by nobody who recorded; only where others may write
  std::uint64_t views = 0, seen = 0;
};

struct Report {
  static constexpr std::size_t kShownMax = 100;  // of a kind; all are counted

  Counts counts;
  std::array<std::uint64_t, kFaultNames.size()> found{};  // by kind
  std::vector<Fault> faults;
  std::vector<std::string> conversations;  // names by number
  std::vector<std::string> views;

  std::uint64_t faults_found() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : found) sum += count;
    return sum;
  }
  void add(const Fault& fault) {
    if (found[static_cast<std::size_t>(fault.kind)]++ < kShownMax) faults.push_back(fault);
  }
};

}  // namespace message_service::verify
