#include "base/hash.h"

#include <openssl/sha.h>

#include <string>

namespace message_service {

Sha256 sha256_of_parts(std::initializer_list<std::string_view> parts) {
  thread_local std::string joined;
  joined.clear();
  for (const std::string_view part : parts) {
    for (int shift = 0; shift < 64; shift += 8) joined.push_back(static_cast<char>(part.size() >> shift));
    joined.append(part);
  }
  Sha256 digest;
  SHA256(reinterpret_cast<const unsigned char*>(joined.data()), joined.size(), digest.data());
  return digest;
}

}  // namespace message_service
