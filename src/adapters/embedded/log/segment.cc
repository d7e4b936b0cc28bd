#include "adapters/embedded/log/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "adapters/embedded/folder/file_errors.h"

namespace message_service::embedded {

base::Result<std::shared_ptr<Segment>> Segment::open(const std::filesystem::path& path, std::int64_t first_offset,
                                                     Access access) {
  const int file = ::open(path.c_str(), (access == Access::read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
  if (file < 0) return system_error(path, "open");
  std::shared_ptr<Segment> segment(new Segment(path, file, {.first_offset = first_offset}));
  const auto start = segment->read(0, SegmentHeader::kBytes);
  if (!start) return start.error();
  const auto header = parse_header(*start);
  segment->has_header_ = header && header->first_offset == first_offset;
  if (segment->has_header_) segment->header_ = *header;
  return segment;
}

base::Result<std::shared_ptr<Segment>> Segment::make(const std::filesystem::path& path, const SegmentHeader& header) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return system_error(path, "make");
  return std::shared_ptr<Segment>(new Segment(path, file, header));
}

Segment::~Segment() { ::close(file_); }

base::Error Segment::failure(std::string_view doing) const { return system_error(path_, doing); }

base::Result<void> Segment::write(std::uint64_t position, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = EIO;  // otherwise nothing would end the loop
    if (written <= 0) return failure("write");
    position += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

base::Result<void> Segment::sync() {
  if (::fdatasync(file_) != 0) return failure("sync");
  return {};
}

base::Result<std::string> Segment::read(std::uint64_t position, std::size_t count) const {
  std::string bytes(count, '\0');
  std::size_t got = 0;
  while (got < count) {
    const ssize_t more = ::pread(file_, bytes.data() + got, count - got, static_cast<off_t>(position + got));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return failure("read");
    if (more == 0) break;
    got += static_cast<std::size_t>(more);
  }
  bytes.resize(got);
  return bytes;
}

base::Result<std::uint64_t> Segment::file_bytes() const {
  struct stat status {};
  if (::fstat(file_, &status) != 0) return failure("look at");
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace message_service::embedded
