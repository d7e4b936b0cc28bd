// One file of the log: a header and frames, written at the end and read anywhere. The file may be longer than its
// frames: zeros or bytes of an earlier life follow the last frame.
//
// The log and its readers share a segment; readers may keep it after the log has released it. read() from any thread;
// write() and sync() from one thread at a time.
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
  // Makes the file if it is missing.
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
