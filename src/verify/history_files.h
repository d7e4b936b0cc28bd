// The files of a recorded history: read from their beginning into a checker, and by the line afterwards.
//
// One owner, one thread; others help to parse. Each file stays open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "verify/block_reader.h"
#include "verify/checker.h"
#include "verify/fault.h"

namespace message_service::verify {

class HistoryFiles {
 public:
  struct Progress {
    std::uint64_t lines, bytes, bytes_all;
  };
  // Called after every block.
  using Watch = std::function<void(const Progress&)>;

  HistoryFiles() = default;
  ~HistoryFiles();
  HistoryFiles(const HistoryFiles&) = delete;
  HistoryFiles& operator=(const HistoryFiles&) = delete;

  // `invalid`: no file that can be read.
  base::Result<void> add(const std::filesystem::path& path);
  // Takes a descriptor of a file without a name; `name` is for people.
  base::Result<void> add(std::string name, int descriptor);
  // Forgets the files after the first `count`.
  void keep(std::size_t count);
  std::size_t size() const { return files_.size(); }

  // Reads the files from `first` on. `invalid`: the text names the file, the line and the field.
  base::Result<void> read_into(Checker& checker, std::size_t first, const Watch& watch);

  // The text of a line that was read.
  base::Result<std::string> line(Place place) const;
  // "FILE:LINE".
  std::string name_of(Place place) const;

 private:
  struct File {
    std::string name;
    int descriptor;
    std::uint64_t bytes;
    std::vector<std::uint64_t> offsets;  // of every kIndexed-th line
  };

  base::Result<void> read(std::uint16_t number, Checker& checker, const Watch& watch);
  base::Result<void> take(const ParsedLine& line, Place place, std::optional<base::Error>& broken,
                          Checker& checker) const;

  std::vector<File> files_;
  std::uint64_t lines_ = 0, bytes_ = 0;  // read so far, for people
};

}  // namespace message_service::verify
