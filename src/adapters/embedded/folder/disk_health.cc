#include "adapters/embedded/folder/disk_health.h"

#include <chrono>
#include <system_error>

#include "adapters/embedded/folder/sync_folder.h"

namespace message_service::embedded {

namespace {

constexpr std::uintmax_t kMiB = std::uintmax_t{1} << 20;
constexpr std::uintmax_t kReserveBytes = 32 * kMiB;
constexpr std::uintmax_t kAmpleBytes = 1024 * kMiB;            // nothing writes half of it
constexpr auto kAmpleRoomFor = std::chrono::milliseconds(20);  // within this time

}  // namespace

base::Result<void> DiskHealth::check_room(Purpose purpose) {
  const bool is_new = purpose == Purpose::new_messages;
  const bool there = has_free(is_new ? kReserveBytes : kReserveBytes / 2);
  if (!there || is_new) has_room_ = there;
  if (!there) return base::Error{base::ErrorCode::refused, "the disk is nearly full", "disk"};
  return {};
}

bool DiskHealth::has_room_for(std::uint64_t bytes) const { return has_free(kReserveBytes + bytes); }

bool DiskHealth::takes_writes() const { return sync_folder(log_).has_value(); }

// Called before each write: RocksDB as Debian builds it ends the process when it writes again to a file whose write has
// failed, so it must never meet a full disk. When there was ample room a moment ago there is still enough, and
// has_free() does not ask the disk: the question costs as much as writing a message.
bool DiskHealth::has_free(std::uintmax_t bytes) const {
  const base::SteadyTime now = base::SteadyClock::now();
  if (bytes <= kAmpleBytes / 2 && now < ample_room_until_.load()) return true;
  std::error_code error;
  const auto space = std::filesystem::space(database_, error);
  if (error) return false;
  if (space.available >= kAmpleBytes) ample_room_until_ = now + kAmpleRoomFor;
  return space.available >= bytes;
}

}  // namespace message_service::embedded
