// The limits of the records that wait for the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/bounds.h"

namespace message_service::embedded {

struct AppendOptions {
  std::size_t queue_records_max = 65536;
  static constexpr base::Bounds<std::size_t> queue_records_bounds{1, 10'000'000};
  std::size_t queue_bytes_max = std::size_t{64} << 20;
  static constexpr base::Bounds<std::size_t> queue_bytes_bounds{std::size_t{64} << 10, std::size_t{16} << 30};
  std::size_t group_records_max = 4096;
  std::int64_t lag_records_max = 10'000'000;  // in the log and not stored yet
  static constexpr base::Bounds<std::int64_t> lag_records_bounds{1, 1'000'000'000'000};
  // A record beyond a batch is refused when it would wait longer than this before its append begins.
  std::chrono::milliseconds queue_wait_max = std::chrono::milliseconds(100);
  std::size_t batch_records = 1000;
};

}  // namespace message_service::embedded
