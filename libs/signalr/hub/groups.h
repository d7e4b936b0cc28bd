// Which clients of this shard belong to which group, with a state of the hub's own for each membership.
//
// One for each shard, on its thread only. Call remove_all() for a connection before it is destroyed.
#pragma once

#include "base/memberships.h"

namespace signalr {

class HubConnection;

template <class State>
using Groups = base::Memberships<HubConnection, State>;

}  // namespace signalr
