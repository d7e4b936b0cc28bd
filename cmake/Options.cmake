# Compiler settings that hold for every target.

# Warnings are errors in the presets of developers and CI only: a compiler that was never tried must not stop a user.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
# GCC 12 reports these two inside the standard library and Asio's coroutine frames; both are known false alarms.
add_compile_options(-Wno-maybe-uninitialized -Wno-mismatched-new-delete)
# A designated initialiser leaves the other members to their defaults on purpose.
add_compile_options(-Wno-missing-field-initializers)

set(MESSAGE_SERVICE_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined or thread")
if(MESSAGE_SERVICE_SANITIZE)
  add_compile_options(-fsanitize=${MESSAGE_SERVICE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MESSAGE_SERVICE_SANITIZE})
  # Asio's fences are not understood by GCC 12's thread sanitizer, which only warns.
  add_compile_options(-Wno-tsan)
endif()

# All trees but `dev` compile eight files as one, which takes less than half the time. GCC then takes a name of one file for
# a name of another; `dev` and clang-tidy warn where that is true.
if(CMAKE_UNITY_BUILD)
  add_compile_options(-Wno-subobject-linkage -Wno-shadow)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
