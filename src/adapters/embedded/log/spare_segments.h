// Keeps a file ready to become the log's next segment. The file was written once already: a sync of overwritten bytes
// costs a third of a sync of a growing file. Growth changes the file system's own records, too (docs/decisions/0011).
//
// The spare file is a segment that retention has released and passed to give(), or a file of zeros, which a thread of
// its own makes. take() and give() from any thread; they do not wait for that thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace message_service::embedded {

class SpareSegments {
 public:
  // Whether the disk has this much room to spare. Called on the thread that makes files.
  using HasRoom = std::function<bool(std::uint64_t bytes)>;

  SpareSegments(std::filesystem::path folder, std::uint64_t segment_bytes, HasRoom has_room);
  ~SpareSegments();

  // Renames the spare file to `as`. False when there is none yet.
  bool take(const std::filesystem::path& as);

  // Takes a file that the log no longer needs. The file becomes the next spare one, or is removed.
  void give(const std::filesystem::path& file);

 private:
  void run();
  bool make_file();

  const std::filesystem::path folder_;
  const std::uint64_t segment_bytes_;
  const HasRoom has_room_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ready_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace message_service::embedded
