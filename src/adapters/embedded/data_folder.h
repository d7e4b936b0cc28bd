// The claim on a data folder: that it is ours, of a format we know, and held by this process alone.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace message_service::embedded {

// Holds a POSIX lock on the folder's FORMAT file for as long as it lives. Not shared between threads.
class DataFolder {
 public:
  // Makes the folder if it is missing; otherwise changes nothing in it. Errors as Embedded::open(). From then on what
  // this process makes, anywhere, is for its own user alone.
  static Result<DataFolder> claim(const std::filesystem::path& folder);

  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  std::filesystem::path database() const { return folder_ / "db"; }
  std::filesystem::path log() const { return log_in(folder_); }
  std::filesystem::path durable_mark() const { return durable_mark_in(folder_); }

  // For those who follow a folder that another process holds.
  static std::filesystem::path log_in(const std::filesystem::path& folder) { return folder / "log"; }
  static std::filesystem::path durable_mark_in(const std::filesystem::path& folder) { return folder / "DURABLE"; }

 private:
  DataFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  std::filesystem::path folder_;
  int lock_;  // open file descriptor; closing it gives the lock back
};

}  // namespace message_service::embedded
