// LogIdentity of the topic of requested messages: the facts that this process's readers know about their partitions.
// Private to the adapter; any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "adapters/kafka/witnesses.h"
#include "ports/log_identity.h"

namespace message_service::kafka {

class Turns final : public LogIdentity {
 public:
  // `witnesses` outlives this object.
  Turns(Witnesses& witnesses, std::string topic, Milliseconds patience)
      : witnesses_(witnesses), topic_(std::move(topic)), patience_(patience) {}

  // A reader begins to deliver the partition's records, and its owner knows of it.
  void begin(std::int32_t partition) {
    const std::scoped_lock lock(mutex_);
    Turn& turn = turns_[partition];
    ++turn.number;
    turn.witness.reset();
  }

  // A record of the latest turn.
  void saw(std::int32_t partition, const Witness& witness) {
    const std::scoped_lock lock(mutex_);
    turns_[partition].witness = witness;
  }

  std::uint64_t turn(std::int32_t partition) const override {
    const std::scoped_lock lock(mutex_);
    const auto found = turns_.find(partition);
    return found == turns_.end() ? 0 : found->second.number;
  }

  std::optional<Witness> witness(std::int32_t partition, std::uint64_t turn) const override {
    const std::scoped_lock lock(mutex_);
    const auto found = turns_.find(partition);
    return found == turns_.end() || found->second.number != turn ? std::nullopt : found->second.witness;
  }

  base::Result<Testimony> look(std::int32_t partition, const Witness& witness) override {
    const auto said = witnesses_.look(topic_, {{partition, witness}}, patience_);
    if (said.empty()) return base::Error{base::ErrorCode::unavailable, "Kafka does not show a record that it had"};
    return said.begin()->second;
  }

 private:
  struct Turn {
    std::uint64_t number = 0;
    std::optional<Witness> witness;
  };

  Witnesses& witnesses_;
  const std::string topic_;
  const Milliseconds patience_;
  mutable std::mutex mutex_;
  std::map<std::int32_t, Turn> turns_;
};

}  // namespace message_service::kafka
