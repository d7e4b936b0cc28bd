// Compares a client's report with the store's rows. Blocks for the store.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "pipeline/views/view_report.h"
#include "ports/store_reader.h"

namespace message_service {

enum class ViewOutcome : std::uint8_t {
  equal,
  lost,     // the view has fewer messages
  doubled,  // the view has a message once more
  swapped,  // the view has the same messages in another order, or under other sequences
  altered,  // the view has as many messages, and others
  phantom,  // the view has more messages, and not only the store's
  ahead,    // the view goes beyond what is stored so far
};
inline constexpr std::array<std::string_view, 7> kViewOutcomeNames{"equal",   "lost",    "doubled", "swapped",
                                                                   "altered", "phantom", "ahead"};
constexpr std::string_view to_text(ViewOutcome outcome) { return kViewOutcomeNames[static_cast<std::size_t>(outcome)]; }

struct ViewComparison {
  ViewOutcome outcome = ViewOutcome::equal;
  std::uint64_t stored = 0;                 // messages of the store in the window, as far as they were read
  std::optional<std::uint64_t> sequence{};  // of the one message that is lost or doubled, where there is just one
};

base::Result<ViewComparison> compare_view(StoreReader& store, const ViewReport& report);

}  // namespace message_service
