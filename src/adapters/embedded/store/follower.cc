#include "adapters/embedded/store/follower.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "adapters/embedded/folder/data_folder.h"
#include "adapters/embedded/store/errors.h"
#include "adapters/embedded/store/table_options.h"
#include "adapters/embedded/store/tables.h"

namespace message_service::embedded {

namespace fs = std::filesystem;

namespace {

// RocksDB's read-only follower keeps an info log of its own, which must not be in the folder that it follows.
base::Result<fs::path> make_scratch_folder() {
  std::string name = (fs::temp_directory_path() / "message-service-tail-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    return base::Error{base::ErrorCode::unavailable, "cannot make a temporary folder " + name};
  return fs::path(name);
}

}  // namespace

base::Result<std::unique_ptr<Follower>> Follower::open(const fs::path& data_directory) {
  if (auto holds = DataFolder::check_holds_log(data_directory); !holds) return holds.error();
  const fs::path database = DataFolder::database_in(data_directory);
  auto scratch = make_scratch_folder();
  if (!scratch) return scratch.error();
  std::unique_ptr<Follower> follower(new Follower(*scratch));

  auto options = database_options();
  options.create_if_missing = false;
  options.max_open_files = -1;  // OpenAsSecondary requires it
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::OpenAsSecondary(options, database.string(), scratch->string(), table_descriptors(),
                                                   &follower->tables_, &raw);
  if (!status.ok()) return to_error(status, "follow the log in " + data_directory.string());
  follower->db_.reset(raw);
  return follower;
}

Follower::~Follower() {
  for (auto* table : tables_) db_->DestroyColumnFamilyHandle(table);
  db_.reset();
  std::error_code ignored;  // a temporary folder: files that cannot be removed do no harm
  fs::remove_all(scratch_, ignored);
}

base::Result<void> Follower::catch_up() {
  if (const auto status = db_->TryCatchUpWithPrimary(); !status.ok()) return to_error(status, "follow the log");
  return {};
}

rocksdb::ColumnFamilyHandle* Follower::table(std::string_view name) const {
  const auto found = std::ranges::find(tables_, name, [](const auto* table) { return table->GetName(); });
  return found == tables_.end() ? nullptr : *found;
}

}  // namespace message_service::embedded
