// The claim on a data folder: that it is ours, of a format we know, and held by this process alone.
//
// The file FORMAT says which form the folder's files have, and, once a version of records above 1 was allowed, the
// highest such version. Programs that do not know what it says leave the folder as it is.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "model/record_version.h"

namespace message_service::embedded {

// Holds a POSIX lock on the folder's FORMAT file for as long as it lives. Not shared between threads.
class DataFolder {
 public:
  // Makes the folder if it is missing; otherwise changes nothing in it. Errors as Embedded::open(). From then on what
  // this process makes, anywhere, is for its own user alone. `reads`: the highest version of records that this program
  // reads.
  static base::Result<DataFolder> claim(const std::filesystem::path& folder, int reads);

  // Whether this program could claim it, as far as FORMAT says. Changes nothing. Not for a process that holds the
  // claim: it would lose the lock.
  static base::Result<void> look(const std::filesystem::path& folder, int reads);

  // The highest version of records that may be in the log.
  int records() const { return records_; }

  // Durable when it succeeds, for good.
  base::Result<void> allow_records(int version);

  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  std::filesystem::path database() const { return database_in(folder_); }
  std::filesystem::path log() const { return log_in(folder_); }
  std::filesystem::path durable_mark() const { return durable_mark_in(folder_); }

  // For a reader of a folder that another process holds. check_holds_log() says `not_found` where there is no log.
  static base::Result<void> check_holds_log(const std::filesystem::path& folder);
  static std::filesystem::path database_in(const std::filesystem::path& folder) { return folder / "db"; }
  static std::filesystem::path log_in(const std::filesystem::path& folder) { return folder / "log"; }
  static std::filesystem::path durable_mark_in(const std::filesystem::path& folder) { return folder / "DURABLE"; }

 private:
  DataFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  base::Result<void> check_format(int reads);

  std::filesystem::path folder_;
  int records_ = 1;
  int lock_;  // open file descriptor; closing it gives the lock back
};

}  // namespace message_service::embedded
