#include "verify/history_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "verify/block_reader.h"

namespace message_service::verify {

namespace {

constexpr std::size_t kFilesMax = 65'535;
constexpr std::uint64_t kIndexed = 4096;
constexpr std::size_t kReadBytes = 65'536;

base::Error input_error(const std::string& where, std::string_view text) {
  return {base::ErrorCode::invalid, where + ": " + std::string(text)};
}

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
  if (descriptor < 0) return input_error(path.string(), std::generic_category().message(errno));
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
  BlockReader reader(file.descriptor);
  std::optional<base::Error> broken;  // the line before is not whole
  Place place{.file = number, .line = 0};
  while (const auto block = reader.next()) {
    for (const ParsedLine& line : block->lines) {
      if (place.line % kIndexed == 0) file.offsets.push_back(line.offset);
      place.line += 1;
      if (line.is_empty) continue;
      if (auto taken = take(line, place, broken, checker); !taken) return taken;
    }
    lines_ += block->lines.size();
    bytes_ += block->text.size();
    watch({.lines = lines_, .bytes = bytes_, .bytes_all = bytes_all});
  }
  place.line += 1;
  if (!reader.problem().empty()) return input_error(name_of(place), reader.problem());
  if (broken) return *broken;
  return {};
}

// What a process left half is passed over at the end of a file, and where the next process begins to record.
base::Result<void> HistoryFiles::take(const ParsedLine& line, Place place, std::optional<base::Error>& broken,
                                      Checker& checker) const {
  const auto& event = line.event;
  const bool ends_broken_one = broken && event && event->kind == EventKind::recording;
  if (broken && !ends_broken_one) return *broken;
  if (ends_broken_one) {
    checker.note_cut_off();
    broken.reset();
  }
  if (!event) {
    base::Error error = input_error(name_of(place), event.error().text);
    if (event.error().code != base::ErrorCode::corrupt) return error;
    if (line.is_whole) broken = std::move(error);
    if (!line.is_whole) checker.note_cut_off();
    return {};
  }
  if (auto added = checker.add(*event, place.line); !added) return input_error(name_of(place), added.error().text);
  return {};
}

base::Result<std::string> HistoryFiles::line(Place place) const {
  const File& file = files_[place.file];
  const std::uint64_t indexed = (place.line - 1) / kIndexed;
  if (place.line == 0 || indexed >= file.offsets.size()) return input_error(name_of(place), "was not read");
  std::uint64_t ends = place.line - indexed * kIndexed;  // of lines, until the line's own has come
  std::string line;
  std::string bytes(kReadBytes, '\0');
  for (auto offset = static_cast<off_t>(file.offsets[indexed]);;) {
    const ssize_t got = ::pread(file.descriptor, bytes.data(), bytes.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return input_error(name_of(place), std::generic_category().message(errno));
    if (got == 0 && ends > 1) return input_error(name_of(place), "is there no more");
    if (got == 0) return line;
    offset += got;
    for (std::string_view left = std::string_view(bytes).substr(0, static_cast<std::size_t>(got)); !left.empty();) {
      const std::size_t end = left.find('\n');
      if (ends == 1) line.append(left.substr(0, end));
      if (end == std::string_view::npos) break;
      if (--ends == 0) return line;
      left.remove_prefix(end + 1);
    }
  }
}

}  // namespace message_service::verify
