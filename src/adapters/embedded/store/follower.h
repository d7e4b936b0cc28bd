// Follows a data folder's database. Another process may be writing it. Read-only: takes no lock, changes nothing.
// Private to the adapter. One thread.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace message_service::embedded {

class Follower {
 public:
  // `not_found` when the folder holds no log.
  static base::Result<std::unique_ptr<Follower>> open(const std::filesystem::path& data_directory);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Makes all writes until now visible.
  base::Result<void> catch_up();

  rocksdb::DB& db() const { return *db_; }
  // Null when the table does not exist.
  rocksdb::ColumnFamilyHandle* table(std::string_view name) const;

 private:
  explicit Follower(std::filesystem::path scratch) : scratch_(std::move(scratch)) {}

  const std::filesystem::path scratch_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> tables_;
};

}  // namespace message_service::embedded
