// Walks each conversation in the order of its sequences: whether what was acknowledged first is stored first, and
// whether each view holds what is stored. One use on one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "verify/record_sort.h"
#include "verify/report.h"
#include "verify/tables.h"

namespace message_service::verify {

class SequenceCheck {
 public:
  // They outlive it.
  SequenceCheck(const Tables& tables, Report& report)
      : tables_(tables), report_(report), latest_(tables.clocks), seen_in_(tables.views.size(), 0) {}

  void run(RecordSort& by_sequence);

 private:
  // The message that was sent last of those stored so far, by the clock of its sender.
  struct Latest {
    std::uint32_t conversation = Tables::kNone;
    std::uint64_t sent_at = 0;
    std::uint64_t place = 0;
  };
  struct Row {
    bool exists = false;
    std::uint64_t hash = 0;
    std::uint64_t place = 0;
  };

  void begin_conversation(std::uint32_t conversation);
  void begin_sequence(std::uint64_t sequence);
  void end_sequence();
  void check_order(const Record& row);
  void check_seen(const Record& received);
  std::size_t views_expected();

  const Tables& tables_;
  Report& report_;
  std::vector<Latest> latest_;          // by clock
  std::vector<std::uint64_t> seen_in_;  // by view: the number of the last sequence that it has
  std::uint64_t number_ = 0;            // of the sequence, over all conversations
  std::uint32_t conversation_ = Tables::kNone;
  std::uint64_t sequence_ = 0;
  bool is_listed_ = false;
  Row row_;
  std::size_t views_seen_ = 0;                // views that should have the sequence and do
  std::vector<std::uint64_t> begins_, ends_;  // of the conversation's views, ascending
  std::size_t begun_ = 0, ended_ = 0;
};

}  // namespace message_service::verify
