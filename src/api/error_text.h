// The words of an error that a client may read. What a back end says when it cannot be asked names hosts and files: it
// goes to the log, at most one line a minute. Any thread.
#pragma once

#include <string>

#include "base/result.h"

namespace message_service::api {

std::string text_for_clients(const base::Error& error);

}  // namespace message_service::api
