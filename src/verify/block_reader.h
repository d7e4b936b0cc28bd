// Reads a file's lines in blocks, which threads parse while the caller uses the blocks before.
//
// One owner, one thread. The descriptor stays the caller's.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "verify/history_event.h"

namespace message_service::verify {

struct ParsedLine {
  base::Result<HistoryEvent> event;  // its texts lie in the block
  std::uint64_t offset;              // in the file
  bool is_whole;                     // false: the file ends before the line does
  bool is_empty;                     // there is nothing on it, and no event
};

// Whole lines, but for the file's last one.
struct Block {
  std::string text;
  std::deque<std::string> decoded;
  std::vector<ParsedLine> lines;
};

class BlockReader {
 public:
  explicit BlockReader(int descriptor);

  // Nothing at the end, or when reading fails: ask problem().
  std::optional<Block> next();

  // Empty: there is none. A line that is too long counts.
  const std::string& problem() const { return problem_; }

 private:
  void read_ahead();
  bool fill(std::string& text);

  const int descriptor_;
  std::uint64_t offset_ = 0;  // where the next block begins
  std::string rest_;          // of it, read already
  bool at_end_ = false;
  std::deque<std::future<Block>> parsed_;
  std::string problem_;
};

}  // namespace message_service::verify
