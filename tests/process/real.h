// For libraries that are preloaded: the function of that name that would have been called without them.
#pragma once

#include <dlfcn.h>

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// Declares name_, which is found once.
#define REAL(name) static auto* const name##_ = real<decltype(::name)>(#name)
