#include "verify/history_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "verify/line_parser.h"

namespace message_service::verify {

namespace {

constexpr std::size_t kFilesMax = 65'535;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
constexpr std::size_t kLineBytesMax = std::size_t{64} << 20;
constexpr std::uint64_t kIndexed = 4096;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

base::Error input_error(const std::string& where, std::string_view text) {
  return {base::ErrorCode::invalid, where + ": " + std::string(text)};
}

// Gives the lines of a file one by one, from an offset on.
class LineReader {
 public:
  LineReader(int descriptor, std::uint64_t offset) : descriptor_(descriptor), offset_(offset) {}

  struct Line {
    std::string_view text;  // without the line's end; until the next call
    std::uint64_t offset;
    bool is_whole;  // false: the file ends before the line does
  };

  // Nothing at the end, or when reading fails: ask problem().
  std::optional<Line> next() {
    while (true) {
      const char* begin = buffer_.data() + at_;
      const std::size_t left = buffer_.size() - at_;
      if (left > searched_) {
        const void* end = std::memchr(begin + searched_, '\n', left - searched_);
        if (end != nullptr) return take(static_cast<std::size_t>(static_cast<const char*>(end) - begin), true);
      }
      searched_ = left;
      if (left > kLineBytesMax) problem_ = "is longer than 64 MiB";
      if (!problem_.empty() || !fill()) break;
    }
    if (!problem_.empty() || at_ == buffer_.size()) return std::nullopt;
    return take(buffer_.size() - at_, false);
  }

  const std::string& problem() const { return problem_; }
  std::uint64_t offset() const { return offset_ - (buffer_.size() - at_); }

 private:
  Line take(std::size_t length, bool is_whole) {
    const Line line{.text = std::string_view(buffer_).substr(at_, length), .offset = offset(), .is_whole = is_whole};
    at_ += length + (is_whole ? 1 : 0);
    searched_ = 0;
    return line;
  }

  bool fill() {
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t had = buffer_.size();
    buffer_.resize(had + kBlockBytes);
    ssize_t got = 0;
    do {
      got = ::pread(descriptor_, buffer_.data() + had, kBlockBytes, static_cast<off_t>(offset_));
    } while (got < 0 && errno == EINTR);
    if (got < 0) problem_ = std::string("cannot be read: ") + std::strerror(errno);
    buffer_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    offset_ += static_cast<std::uint64_t>(std::max<ssize_t>(got, 0));
    return got > 0;
  }

  const int descriptor_;
  std::uint64_t offset_;  // of the buffer's end in the file
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  // bytes after `at_` that hold no line's end
  std::string problem_;
};

}  // namespace

HistoryFiles::~HistoryFiles() { keep(0); }

void HistoryFiles::keep(std::size_t count) {
  while (files_.size() > count) {
    ::close(files_.back().descriptor);
    files_.pop_back();
  }
}

base::Result<void> HistoryFiles::add(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return input_error(path.string(), std::strerror(errno));
  return add(path.string(), descriptor);
}

base::Result<void> HistoryFiles::add(std::string name, int descriptor) {
  struct stat status {};
  const bool is_file = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  if (!is_file || files_.size() == kFilesMax) {
    ::close(descriptor);
    return input_error(name, is_file ? "is one file too many: 65,535 are read at once" : "is no file");
  }
  files_.push_back({.name = std::move(name),
                    .descriptor = descriptor,
                    .bytes = static_cast<std::uint64_t>(status.st_size),
                    .offsets = {}});
  return {};
}

std::string HistoryFiles::name_of(Place place) const {
  return files_[place.file].name + ":" + std::to_string(place.line);
}

base::Result<void> HistoryFiles::read_into(Checker& checker, std::size_t first, const Watch& watch) {
  if (first == 0) lines_ = bytes_ = 0;
  for (std::size_t number = first; number < files_.size(); ++number) {
    if (auto read_it = read(static_cast<std::uint16_t>(number), checker, watch); !read_it) return read_it;
  }
  return {};
}

base::Result<void> HistoryFiles::read(std::uint16_t number, Checker& checker, const Watch& watch) {
  File& file = files_[number];
  file.offsets.clear();
  checker.begin_file(number);
  std::uint64_t bytes_all = 0;
  for (const File& each : files_) bytes_all += each.bytes;
  LineParser parser;
  LineReader reader(file.descriptor, 0);
  std::optional<base::Error> broken;  // the line before is not whole
  Place place{.file = number, .line = 0};
  while (const auto line = reader.next()) {
    if (place.line % kIndexed == 0) {
      file.offsets.push_back(line->offset);
      watch({.lines = lines_ + place.line, .bytes = bytes_ + line->offset, .bytes_all = bytes_all});
    }
    place.line += 1;
    std::string_view text = line->text;
    if (place.line == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) continue;
    const auto event = parser.parse(text);
    if (!event) {
      base::Error error = input_error(name_of(place), event.error().text);
      const bool is_cut_off = event.error().code == base::ErrorCode::corrupt;
      if (broken) return *broken;
      if (!is_cut_off) return error;
      if (line->is_whole) broken = std::move(error);
      if (!line->is_whole) checker.note_cut_off();
      continue;
    }
    if (broken) {
      if (event->kind != EventKind::recording) return *broken;
      checker.note_cut_off();
      broken.reset();
    }
    if (auto added = checker.add(*event, place.line); !added) return input_error(name_of(place), added.error().text);
  }
  if (!reader.problem().empty()) {
    place.line += 1;
    return input_error(name_of(place), reader.problem());
  }
  lines_ += place.line;
  bytes_ += reader.offset();
  if (broken) return *broken;
  return {};
}

base::Result<std::string> HistoryFiles::line(Place place) const {
  const File& file = files_[place.file];
  const std::uint64_t indexed = (place.line - 1) / kIndexed;
  if (place.line == 0 || indexed >= file.offsets.size()) return input_error(name_of(place), "was not read");
  LineReader reader(file.descriptor, file.offsets[indexed]);
  auto line = reader.next();
  for (std::uint64_t n = indexed * kIndexed + 1; line && n < place.line; ++n) line = reader.next();
  if (!line) return input_error(name_of(place), "is there no more");
  return std::string(line->text);
}

}  // namespace message_service::verify
