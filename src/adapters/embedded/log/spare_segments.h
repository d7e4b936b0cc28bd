// Keeps a file ready to become the log's next segment, written once already: syncing what is written over costs a
// third of syncing what makes a file grow, which changes the file system's own records, too (docs/decisions/0011).
//
// One thread of its own makes it: of a segment that retention has let go of, or of zeros. take() and give() from any
// thread; they do not wait for it.
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
  // Whether the disk has so much room to spare. Called on the thread.
  using HasRoom = std::function<bool(std::uint64_t bytes)>;

  SpareSegments(std::filesystem::path folder, std::uint64_t segment_bytes, HasRoom has_room);
  ~SpareSegments();

  // Names the spare file so. False when there is none yet.
  bool take(const std::filesystem::path& as);

  // A file that the log needs no longer: the next spare one, or removed.
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
