// Plays the log writer of a later program (Testing:RecordVersion): its messages are records of a newer version as soon
// as all nodes read that version. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "pipeline/versions/version_gate.h"
#include "ports/log_writer.h"
#include "wire/event_json.h"

namespace message_service::service {

class LaterLogWriter final : public LogWriter {
 public:
  LaterLogWriter(LogWriter& log, VersionGate& gate, int version) : log_(log), gate_(gate), version_(version) {}

  void append(std::shared_ptr<const Admitted> message, Handler handler) override {
    if (!gate_.may_write(version_)) return log_.append(std::move(message), std::move(handler));
    LogRecord record = wire::requested_record(message->message());
    record.headers.push_back(requires_version_header(version_));
    log_.append_record(std::move(record), std::nullopt, std::move(handler));
  }

  void append_record(LogRecord record, std::optional<std::int32_t> partition, Handler handler) override {
    log_.append_record(std::move(record), partition, std::move(handler));
  }

  void drain() override { log_.drain(); }

 private:
  LogWriter& log_;
  VersionGate& gate_;
  const int version_;
};

}  // namespace message_service::service
