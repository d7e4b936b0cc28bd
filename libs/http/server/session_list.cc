#include "http/server/session_list.h"

#include "http/server/session.h"

namespace http {

namespace {

constexpr std::size_t kNewestSessions = 256;  // searched for an idle one, each time that a place is needed

}  // namespace

void SessionList::sweep(base::SteadyTime now) {
  for (Session* session : sessions_) {
    if (session->is_overdue(now)) session->abort();
  }
}

std::size_t SessionList::end_idle() {
  std::size_t ended = 0;
  for (Session* session : sessions_) {
    if (!session->is_idle()) continue;
    session->abort();
    ++ended;
  }
  return ended;
}

void SessionList::drain(base::SteadyTime now) {
  for (Session* session : sessions_) {
    if (session->is_idle() && !session->has_just_come(now)) session->abort();
  }
}

bool SessionList::end_newest_idle() {
  std::size_t looked_at = 0;
  for (auto session = sessions_.rbegin(); session != sessions_.rend() && looked_at < kNewestSessions; ++looked_at) {
    if ((*session)->is_idle()) {
      (*session)->abort();
      return true;
    }
    ++session;
  }
  return false;
}

}  // namespace http
