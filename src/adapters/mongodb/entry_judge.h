// Judges the entries of one call of store(): whether each one's sender takes part in the conversation at the entry's
// place in the log. A replay gives the same judgement, whatever was stored after it. Private to the adapter.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/mongodb/participants.h"
#include "adapters/mongodb/row_writer.h"

namespace message_service::mongodb {

class EntryJudge {
 public:
  EntryJudge(const Pool::Client& client, const Pool& pool, const Options& options, const StoreCall& call)
      : client_(client), pool_(pool), options_(options), call_(call) {}

  struct Objection {
    std::size_t item;
    std::string text;
  };
  // Of the items that may not be stored, ascending. Unless `changes_exist`, only changes are judged, and what follows
  // them in this call.
  base::Result<std::vector<Objection>> judge(bool changes_exist);

 private:
  base::Result<void> learn(bool changes_exist);
  std::optional<std::string> objection_to(std::size_t item);

  const Pool::Client& client_;
  const Pool& pool_;
  const Options& options_;
  const StoreCall& call_;
  Changes changes_;                                            // of the conversations that are judged
  std::map<std::string, std::vector<Participant>> made_with_;  // of conversations whose owners change something
};

}  // namespace message_service::mongodb
