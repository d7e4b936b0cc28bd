// The form that each text option must have.
#pragma once

#include "config/entry.h"

namespace message_service::config::rules {

extern const TextRule listen_urls;
extern const TextRule optional_listen_urls;
extern const TextRule allowed_hosts;
extern const TextRule ip_address;
extern const TextRule network;
extern const TextRule any_text;
extern const TextRule path;
extern const TextRule optional_path;
extern const TextRule optional_url;
extern const TextRule servers;
extern const TextRule name;
extern const TextRule optional_name;
extern const TextRule name_in_list;
extern const TextRule topic_prefix;
extern const TextRule mongodb_url;
extern const TextRule database_name;
extern const TextRule sender_type;
extern const TextRule origin;
extern const TextRule conversation_id;

}  // namespace message_service::config::rules
