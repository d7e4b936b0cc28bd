// A witness outside the log of how far it was durable, so that damage to its end is not taken for an unfinished last
// write: the log must never end before it. Also what a follower of the log may believe.
//
// Eight bytes of mapped memory, written after each sync and never waited for. A killed process leaves it exact; a power
// cut may leave it too low, which only makes it say less.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace message_service::embedded {

class DurableMark {
 public:
  static Result<DurableMark> open(const std::filesystem::path& file);
  // Without taking part: what the mark says now, 0 when there is none.
  static std::int64_t peek(const std::filesystem::path& file);
  DurableMark(DurableMark&& other) noexcept;
  DurableMark& operator=(DurableMark&&) = delete;
  ~DurableMark();

  std::int64_t offset() const;
  void raise_to(std::int64_t offset);

 private:
  explicit DurableMark(std::int64_t* mapped) : mapped_(mapped) {}
  std::int64_t* mapped_;
};

}  // namespace message_service::embedded
