// Whether this node may write records of a newer version: only when every node of the service reads them.
//
// Owned by the service. Its own thread, from start() to stop(), gives the signs of life by which nodes know of each
// other. Any thread may call may_write() and problem().
//
//   if (!gate.may_write(2)) return unavailable("some nodes of the service are older; try again later");
//   record.headers.push_back(requires_version_header(2));
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "ports/version_register.h"

namespace message_service {

class VersionGate {
 public:
  // `waits` returns NodeCard::waits; the gate calls it at every sign of life.
  using Waits = std::function<std::vector<std::string>()>;

  VersionGate(VersionRegister& versions, NodeCard node, Waits waits)
      : versions_(versions), node_(std::move(node)), waits_(std::move(waits)) {}
  ~VersionGate() { stop(); }

  // The first sign of life. `invalid`: the service may already write records that this program does not read. A store
  // that is away is no error: the thread tries again.
  base::Result<void> enter();

  void start();
  void stop();  // also leaves the register

  // Costs one load once the version is allowed; an allowed version stays allowed. Otherwise the thread asks for the
  // version, at once and again until it is allowed. The gate asks for no version before a caller wants to write it:
  // until then older programs may return.
  bool may_write(int version);

  // Empty while this program reads all that the service may write.
  std::string problem() const;

 private:
  void run();
  void sign_of_life();
  void ask_for_more();
  void note(int allowed);
  void trouble(const std::string& what);

  VersionRegister& versions_;
  NodeCard node_;
  const Waits waits_;

  std::atomic<int> allowed_ = 1;
  std::atomic<int> wanted_ = 1;
  std::string trouble_;  // the last one that was logged

  std::mutex mutex_;
  std::condition_variable wake_;
  bool asked_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace message_service
