#include "service/admin_token.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "base/hex.h"
#include "base/random.h"

namespace message_service::service {

namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "admin-token";

base::Error failed_to(const char* doing, const fs::path& path) {
  const base::ErrorCode code = errno == ENOENT ? base::ErrorCode::not_found : base::ErrorCode::unavailable;
  const std::error_code error(errno, std::generic_category());
  return {code, std::string("cannot ") + doing + " " + path.string() + ": " + error.message()};
}

}  // namespace

// Writes under another name first, so that no reader ever gets half a token.
base::Result<std::string> write_admin_token(const fs::path& data_directory) {
  const fs::path path = data_directory / kName;
  const fs::path fresh = data_directory / (std::string(kName) + ".new");
  const std::string token = base::to_hex(base::random_bytes<32>());
  unlink(fresh.c_str());
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failed_to("write", fresh);
  const bool written = write(file, token.data(), token.size()) == static_cast<ssize_t>(token.size());
  close(file);
  if (!written || rename(fresh.c_str(), path.c_str()) != 0) return failed_to("write", path);
  return token;
}

base::Result<std::string> read_admin_token(const fs::path& data_directory) {
  const fs::path path = data_directory / kName;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed_to("read", path);
  std::array<char, 256> buffer{};
  const ssize_t count = read(file, buffer.data(), buffer.size());
  close(file);
  if (count <= 0) return base::Error{base::ErrorCode::unavailable, path.string() + " holds no token"};
  return std::string(buffer.data(), static_cast<std::size_t>(count));
}

}  // namespace message_service::service
