// Checks what clients recorded against what the store lists, in one pass over the lines of any number of files, in
// memory that grows with conversations, views and files, and not with messages.
//
// One owner, one thread. Lines of one file come in their order; files come one after the other. Rows and messages are
// kept as hashes of 64 bits: whoever shows a fault compares the lines that it names (fault_lines.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/flat_map.h"
#include "base/keyed_hash.h"
#include "base/result.h"
#include "verify/history_event.h"
#include "verify/record_sort.h"
#include "verify/report.h"
#include "verify/tables.h"

namespace message_service::verify {

class Checker {
 public:
  struct Options {
    bool others_write = false;  // a stored message that nobody recorded is no fault
    std::size_t memory_bytes = std::size_t{512} << 20;
    std::filesystem::path folder = std::filesystem::temp_directory_path();  // for what does not fit into memory
  };

  explicit Checker(const Options& options);

  void begin_file(std::uint16_t file);

  // `invalid`: the text names the field that cannot be true after the lines before it.
  base::Result<void> add(const HistoryEvent& event, std::uint64_t line);
  void note_cut_off() { report_.counts.cut_off += 1; }

  // Conversations whose whole listing has not come so far.
  std::vector<std::string> unlisted() const;

  // Ends the checker. `unavailable`: the folder's disk failed.
  base::Result<Report> finish();

 private:
  struct Pending {
    std::uint64_t at, hash, place;
    std::uint32_t conversation;
    bool has_content;
  };
  struct Bits {
    std::uint64_t operator()(std::uint64_t hash) const { return hash; }
  };
  using Names = std::unordered_map<std::string, std::uint32_t, base::KeyedHash, std::equal_to<>>;
  static constexpr std::size_t kPendingMax = 65'536;

  std::uint32_t conversation_of(std::string_view id);
  void begin_recording(std::string_view clock);
  void forget_pending();
  void push_write(std::uint64_t key, const Pending& write);
  base::Result<void> sending(const HistoryEvent& event, std::uint64_t place);
  base::Result<void> sent(const HistoryEvent& event, std::uint64_t place);
  base::Result<void> view(const HistoryEvent& event);
  base::Result<void> received(const HistoryEvent& event, std::uint64_t place);
  base::Result<void> settled(const HistoryEvent& event);
  base::Result<void> listing(const HistoryEvent& event);
  base::Result<void> stored(const HistoryEvent& event, std::uint64_t place);
  base::Result<void> listed(const HistoryEvent& event);
  base::Result<View*> view_named(std::string_view name);
  std::uint64_t row_hash(const SeenMessage& message);

  const Options options_;
  Report report_;
  Tables tables_;
  Names conversations_;
  Names clocks_;
  RecordSort by_key_;
  RecordSort by_sequence_;
  std::string scratch_;

  // Of the file's present recording.
  std::uint16_t file_ = 0;
  std::uint16_t clock_ = 0;
  base::FlatMap<std::uint64_t, Pending, Bits> pending_;  // sends without an outcome yet, by hash
  Names views_;
  std::uint32_t listing_ = Tables::kNone;  // the conversation whose rows come
};

}  // namespace message_service::verify
