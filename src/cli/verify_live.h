// `verify --live`: follows what a running node finds in its clients' views.
#pragma once

#include <string>

namespace message_service::cli {

struct LiveOptions {
  std::string url = "http://127.0.0.1:5005";
  std::string token;
  std::string data_directory = "data";  // whose own token serves where there is no other
  double interval = 1;                  // seconds
  bool until_fault = false;
  bool json = false;
};

// Until Ctrl-C, or with `until_fault` until something is found. Returns the exit code: 1 when something was found.
int verify_live(const LiveOptions& options);

}  // namespace message_service::cli
