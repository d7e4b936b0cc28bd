// The certificate by which a server proves who it is, read from files. Connections that open after a reload use the new
// certificate; older ones go on with theirs.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tls/channel.h"

using SSL_CTX = struct ssl_ctx_st;

namespace tls {

struct CertificateFiles {
  std::string path;      // PEM: the certificate, then those that lead to its issuer; or PFX (PKCS#12)
  std::string key_path;  // PEM; empty: the key is in `path` too
  std::string password;  // of the key or of the PFX file; may be empty
};

// The certificate without its key, as DER: that by which a client on the same machine knows the server. Blocks. Reads
// no key from PEM files. An error names the file and the fault.
base::Result<std::string> read_certificate(const CertificateFiles& files);

class ServerCertificates {
 public:
  // Reads the files; blocks. An error names the file and the fault.
  static base::Result<std::shared_ptr<ServerCertificates>> load(CertificateFiles files);

  // Reads the files again when they have changed since they were last read; blocks. Returns true when it has taken a
  // new certificate. Returns an error when the files are wrong, once for each fault; the old certificate stays. Not for
  // two threads at once.
  base::Result<bool> reload_if_changed();

  // About the certificate in use, for people: it has expired, or is not valid yet.
  std::vector<std::string> warnings() const;

  // The server's side of a connection on this socket. Throws std::bad_alloc. Any thread.
  std::unique_ptr<Channel> accept(int socket) const;

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const;
  };
  struct Certificate {
    std::shared_ptr<SSL_CTX> context;
    std::vector<std::string> warnings;
    std::chrono::steady_clock::time_point since;
  };
  struct Reader;

  explicit ServerCertificates(CertificateFiles files) : files_(std::move(files)) {}
  std::string versions_of_files() const;
  void use(Certificate certificate);

  const CertificateFiles files_;
  std::string versions_;              // of the files that were read last
  std::optional<std::string> fault_;  // of the last reading
  mutable std::mutex mutex_;
  Certificate certificate_;
};

}  // namespace tls
