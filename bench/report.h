// Results in a form for people and in a form for machines. Pure functions.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/load.h"

namespace message_service::bench {

std::string load_table(const LoadResult& result);
boost::json::object load_json(const LoadResult& result);
boost::json::object options_json(const LoadOptions& options);

// Columns padded to their widest cell; the first to the left, the others to the right.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

std::string fixed(double value, int digits);

// "n/a" when there is no value.
std::string fixed(const std::optional<double>& value, int digits);

// Writes a whole file; an error names the file.
base::Result<void> write_json_file(const std::string& path, const boost::json::object& content);

}  // namespace message_service::bench
