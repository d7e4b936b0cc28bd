#!/usr/bin/env bash
# Fails when the service holds symbols of the load generator, of tests, or of fault injection: check_symbols.sh PROGRAM
set -euo pipefail

symbols=$(nm --demangle "$1")
grep -q 'message_service::service::Service' <<<"$symbols" || { echo "$1 is stripped: nothing can be said of it"; exit 1; }
if found=$(grep -E 'message_service::(bench|contract|conformance|fuzz)::|testing::|rd_kafka_test_|rd_kafka_mock_' <<<"$symbols"); then
  echo "$1 holds what is not the service's:"
  head -20 <<<"$found"
  exit 1
fi
echo "$(wc -l <<<"$symbols") symbols, all of the service and its libraries"
