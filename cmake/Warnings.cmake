# Every target of ours links whylink_warnings; a warning is an error.
add_library(whylink_warnings INTERFACE)
target_compile_options(whylink_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wcast-qual
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wformat=2
  -Wimplicit-fallthrough -Wundef)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(whylink_warnings INTERFACE
    -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast)
  # GCC's flow analysis reports null pointers inside inlined library code that it cannot see the
  # guards of, once sanitizers or optimisation move them apart.
  target_compile_options(whylink_warnings INTERFACE -Wno-error=null-dereference)
  # GCC 12 sees overlapping copies in `"text" + std::string` when it inlines at -O2 and above (GCC bug 105651).
  target_compile_options(whylink_warnings INTERFACE -Wno-restrict)
endif()
