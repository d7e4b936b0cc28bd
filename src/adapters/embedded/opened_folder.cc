#include "adapters/embedded/opened_folder.h"

#include <algorithm>
#include <utility>

namespace message_service::embedded {

base::Result<std::unique_ptr<OpenedFolder>> OpenedFolder::open(const std::filesystem::path& folder,
                                                               std::uint64_t segment_bytes, int reads_records) {
  auto claimed = DataFolder::claim(folder, reads_records);
  if (!claimed) return claimed.error();
  auto mark = DurabilityMark::open(claimed->durable_mark());
  if (!mark) return mark.error();
  std::unique_ptr<OpenedFolder> opened(new OpenedFolder(std::move(*claimed), std::move(*mark)));
  if (auto store = opened->open_store(); !store) return store.error();
  if (auto log = opened->open_log(segment_bytes); !log) return log.error();
  return opened;
}

OpenedFolder::OpenedFolder(DataFolder folder, DurabilityMark mark)
    : folder_(std::move(folder)), mark_(std::move(mark)), disk_(folder_) {}

base::Result<void> OpenedFolder::open_store() {
  auto store = Database::open(folder_.database(), mark_, disk_);
  if (!store) return store.error();
  store_ = std::move(*store);
  return {};
}

base::Result<void> OpenedFolder::open_log(std::uint64_t segment_bytes) {
  auto log = SegmentedLog::open({.folder = folder_.log(),
                                 .segment_bytes = segment_bytes,
                                 .durable_end = std::max(store_->committed_offset().load(), mark_.log_end()),
                                 .has_room = [this](std::uint64_t bytes) { return disk_.has_room_for(bytes); }});
  if (!log) return log.error();
  log_ = std::make_unique<MessageLog>(std::move(*log));
  mark_.raise_log_to(log_->segments->end());
  return {};
}

GroupCommitWriter::Store OpenedFolder::store_for_log() {
  return {.committed_offset = [this] { return store_->committed_offset().load(); },
          .sync = [this] { store_->sync(); },
          .heal = [this] { store_->heal(); }};
}

}  // namespace message_service::embedded
