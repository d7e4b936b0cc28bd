// Compares what was sent with what is stored, key by key: lost, refused-but-stored, doubled, altered, phantom. Gives
// each stored row on, with the times of its write. One use on one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "verify/history_event.h"
#include "verify/record_sort.h"
#include "verify/report.h"
#include "verify/tables.h"

namespace message_service::verify {

// The clock of times that are not compared.
inline constexpr std::uint16_t kClockless = 0xFFFF;

class KeyCheck {
 public:
  // They outlive it.
  KeyCheck(const Tables& tables, bool others_write, Report& report)
      : tables_(tables), others_write_(others_write), report_(report) {}

  void run(RecordSort& by_key, RecordSort& by_sequence);

 private:
  // All tries to send one message together.
  struct Write {
    std::uint64_t intents = 0, ok = 0, refused = 0, unknown = 0;
    std::uint64_t sent_at = 0, answered_at = 0;  // bits of doubles, which order like them from 0 on
    std::uint16_t clock = 0;
    bool one_clock = true;
    bool any_content = false;  // a try did not say its content
    std::uint64_t place = 0;
    std::vector<std::uint64_t> contents{};  // of all tries

    bool exists() const { return intents + ok + refused + unknown > 0; }
    bool is_refused() const { return refused > 0 && ok == 0 && unknown == 0 && refused >= intents; }
  };
  struct Rows {
    std::uint64_t count = 0;
    std::uint64_t first_place = 0;
  };

  void add_try(const Record& record);
  void add_row(const Record& record, RecordSort& by_sequence);
  void judge_row(const Record& record);
  void end_key(std::uint32_t conversation);

  const Tables& tables_;
  const bool others_write_;
  Report& report_;
  Write write_;
  Rows rows_;
};

}  // namespace message_service::verify
