# Headers of the standard library and of third parties, compiled once for many files; never headers of ours, so that a
# change recompiles no more than it has to. Each file still includes what it uses: the presets that a nightly run builds have
# none.
# They save a fifth to a quarter of a cold build; a warm one is better off with ccache alone.
#
# whylink_precompile(TARGET SET): TARGET uses the SET, which is one of
#   std         the standard library
#   asio        that and Asio
#   lab         the same, compiled as the tests are
#   tests       that of std and GoogleTest
#   asio_tests  all of them
# A set is compiled without the macros of other libraries: GCC refuses headers that one of them would have changed.
option(WHYLINK_PCH "Precompile the headers of libraries" OFF)
if(WHYLINK_FUZZERS OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(WHYLINK_PCH OFF)
endif()

if(WHYLINK_PCH)
  # What GCC's flow analysis reports of library code that it has inlined depends on where that code comes from: it sees
  # overlaps and missing bounds in precompiled std::string that it does not see in the header. The other presets
  # take these warnings for errors.
  target_compile_options(whylink_warnings INTERFACE -Wno-array-bounds -Wno-maybe-uninitialized -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-free-nonheap-object -Wno-dangling-pointer -Wno-use-after-free)
endif()

if(WHYLINK_PCH AND CCACHE)
  # ccache keeps nothing that precompiled headers went into unless it is told so.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

set(precompiled_std <algorithm> <array> <chrono> <cstddef> <cstdint> <functional> <map> <memory> <optional> <ranges> <set> <span>
  <string> <string_view> <utility> <variant> <vector>)
set(precompiled_asio <asio/awaitable.hpp> <asio/co_spawn.hpp> <asio/detached.hpp> <asio/io_context.hpp> <asio/ip/tcp.hpp>
  <asio/post.hpp> <asio/steady_timer.hpp> <asio/this_coro.hpp> <asio/use_awaitable.hpp>)
set(precompiled_tests <gmock/gmock.h> <gtest/gtest.h>)

# What holds a set: a library with a file of its own, for a set needs a target that is compiled.
function(whylink_precompiled_set name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBRARIES" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/precompiled/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(whylink_precompiled_${name} OBJECT ${source})
  target_link_libraries(whylink_precompiled_${name} PRIVATE whylink_warnings ${ARG_LIBRARIES})
  target_precompile_headers(whylink_precompiled_${name} PRIVATE ${ARG_HEADERS})
endfunction()

function(whylink_precompile target set)
  if(NOT WHYLINK_PCH)
    return()
  endif()
  if(NOT TARGET whylink_precompiled_${set})
    if(set STREQUAL "std")
      whylink_precompiled_set(std HEADERS ${precompiled_std})
    elseif(set STREQUAL "asio")
      whylink_precompiled_set(asio HEADERS ${precompiled_std} ${precompiled_asio} LIBRARIES whylink_asio)
    elseif(set STREQUAL "lab")
      whylink_precompiled_set(lab HEADERS ${precompiled_std} ${precompiled_asio} LIBRARIES whylink_asio)
    elseif(set STREQUAL "tests")
      whylink_precompiled_set(tests HEADERS ${precompiled_std} ${precompiled_tests} LIBRARIES GTest::gmock)
    elseif(set STREQUAL "asio_tests")
      whylink_precompiled_set(asio_tests HEADERS ${precompiled_std} ${precompiled_asio} ${precompiled_tests}
        LIBRARIES whylink_asio GTest::gmock)
    else()
      message(FATAL_ERROR "no set of precompiled headers: ${set}")
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM whylink_precompiled_${set})
endfunction()
