// The access of commands to the dead letters: through the service that holds the data folder, or directly where there
// is no folder or no service holds it. One thread; blocks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "model/dead_letter.h"
#include "service/own_url.h"

namespace message_service::service {

class DeadLetterClient {
 public:
  // The result of one letter of an order: its position in the log, or why it has none.
  struct Placed {
    Position origin;
    std::optional<Position> position;
    std::string error;
  };

  // The errors name the remedy.
  static base::Result<std::unique_ptr<DeadLetterClient>> open(const config::Settings& settings,
                                                              const NamedService& service);
  virtual ~DeadLetterClient() = default;

  // All open letters, in the order of the log.
  base::Result<std::vector<OpenDeadLetter>> list();
  // {"id","key","value","headers"} of each.
  base::Result<std::vector<std::string>> show(const std::vector<DeadLetterKey>& keys);
  base::Result<std::vector<Placed>> retry(const std::vector<DeadLetterKey>& keys) { return place("retry", keys); }
  base::Result<std::vector<Placed>> discard(const std::vector<DeadLetterKey>& keys) { return place("discard", keys); }

  // False when the appended records wait until a service starts.
  virtual bool takes_effect_now() const = 0;

 protected:
  virtual base::Result<std::string> ask(std::string_view action, const std::string& request) = 0;

 private:
  base::Result<std::vector<Placed>> place(std::string_view action, const std::vector<DeadLetterKey>& keys);
};

}  // namespace message_service::service
