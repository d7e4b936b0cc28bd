// Precompiled for the tests: what nearly all of them include.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/system/result.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>
