// The claim on a data folder: the folder is ours, has a format that we know, and this process alone holds it.
//
// The file FORMAT names the form of the folder's files and, once a version of records above 1 was allowed, the highest
// such version. A program that does not know the content of FORMAT leaves the folder as it is.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "model/record_version.h"

namespace message_service::embedded {

// Holds a POSIX lock on the folder's FORMAT file for as long as it lives. Not shared between threads.
class DataFolder {
 public:
  // Makes the folder if it is missing; otherwise changes nothing in it. Errors as Embedded::open(). From then on only
  // this process's own user may access the files that the process makes, anywhere. `reads`: the highest version of
  // records that this program reads.
  static base::Result<DataFolder> claim(const std::filesystem::path& folder, int reads);

  // Whether FORMAT allows this program to claim the folder. Changes nothing. A process that holds the claim must not
  // call look(): the process would lose the lock.
  static base::Result<void> look(const std::filesystem::path& folder, int reads);

  // Makes a data folder of a folder whose other files are complete and durable: writes FORMAT into it.
  static base::Result<void> finish(const std::filesystem::path& folder, int records);

  // The highest version of records that may be in the log.
  int records() const { return records_; }

  // Durable and permanent when it succeeds.
  base::Result<void> allow_records(int version);

  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path database() const { return database_in(folder_); }
  std::filesystem::path log() const { return log_in(folder_); }
  std::filesystem::path durable_mark() const { return durable_mark_in(folder_); }

  // For a reader of a folder that another process holds. check_holds_log() returns `not_found` when there is no log.
  static base::Result<void> check_holds_log(const std::filesystem::path& folder);
  static std::filesystem::path database_in(const std::filesystem::path& folder) { return folder / "db"; }
  static std::filesystem::path log_in(const std::filesystem::path& folder) { return folder / "log"; }
  static std::filesystem::path durable_mark_in(const std::filesystem::path& folder) { return folder / "DURABLE"; }

 private:
  DataFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  base::Result<void> check_format(int reads);

  std::filesystem::path folder_;
  int records_ = 1;
  int lock_;  // open file descriptor; closing it releases the lock
};

}  // namespace message_service::embedded
