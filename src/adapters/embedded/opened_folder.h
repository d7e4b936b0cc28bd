// An open data folder: the claim on it, its mark, its store and its log, opened in this order. The log and the store
// meet here.
//
// Owned by Embedded, whose ports share it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "adapters/embedded/folder/data_folder.h"
#include "adapters/embedded/folder/disk_health.h"
#include "adapters/embedded/folder/durability_mark.h"
#include "adapters/embedded/log/group_commit_writer.h"
#include "adapters/embedded/log/message_log.h"
#include "adapters/embedded/store/database.h"
#include "base/result.h"
#include "model/record_version.h"

namespace message_service::embedded {

class OpenedFolder {
 public:
  // Errors as Embedded::open().
  static base::Result<std::unique_ptr<OpenedFolder>> open(const std::filesystem::path& folder,
                                                          std::uint64_t segment_bytes,
                                                          int reads_records = kRecordVersion);

  DataFolder& folder() { return folder_; }
  DiskHealth& disk() { return disk_; }
  DurabilityMark& mark() { return mark_; }
  Database& store() { return *store_; }
  MessageLog& log() { return *log_; }

  // The requests of the log's writer to the store.
  GroupCommitWriter::Store store_for_log();

 private:
  OpenedFolder(DataFolder folder, DurabilityMark mark);
  base::Result<void> open_store();
  base::Result<void> open_log(std::uint64_t segment_bytes);

  DataFolder folder_;
  DurabilityMark mark_;
  DiskHealth disk_;
  std::unique_ptr<Database> store_;
  std::unique_ptr<MessageLog> log_;
};

}  // namespace message_service::embedded
