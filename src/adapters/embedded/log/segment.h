// One file of the log: a header and frames, written at the end and read anywhere. It may be longer than what is
// written: what lies behind its last frame is zeros, or of an earlier life.
//
// Shared by the log and whoever reads from it, also when the log has let go of it. read() from any thread; write() and
// sync() from one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/embedded/log/frame.h"
#include "base/result.h"

namespace message_service::embedded {

class Segment {
 public:
  enum class Access { read_only, read_write };
  static base::Result<std::shared_ptr<Segment>> open(const std::filesystem::path& path, std::int64_t first_offset,
                                                     Access access);
  // Makes the file where it is missing.
  static base::Result<std::shared_ptr<Segment>> make(const std::filesystem::path& path, const SegmentHeader& header);

  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const SegmentHeader& header() const { return header_; }
  // False when the file has no header that fits its name: nothing was ever written to it, or it is damaged.
  bool has_header() const { return has_header_; }

  base::Result<void> write(std::uint64_t position, std::string_view bytes);
  base::Result<void> sync();

  // At most `count` bytes: fewer at the end of the file.
  base::Result<std::string> read(std::uint64_t position, std::size_t count) const;
  base::Result<std::uint64_t> file_bytes() const;

 private:
  Segment(std::filesystem::path path, int file, SegmentHeader header)
      : path_(std::move(path)), file_(file), header_(header) {}
  base::Error failure(std::string_view doing) const;

  const std::filesystem::path path_;
  const int file_;
  SegmentHeader header_;
  bool has_header_ = true;
};

}  // namespace message_service::embedded
