// Who on this shard belongs to which group, with a state of the hub's own for each membership.
//
// One for each shard, on its thread only. A connection must be taken out by remove_all() before it ends.
#pragma once

#include "base/memberships.h"

namespace signalr {

class HubConnection;

template <class State>
using Groups = base::Memberships<HubConnection, State>;

}  // namespace signalr
