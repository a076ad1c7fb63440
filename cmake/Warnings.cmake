# Every target of ours links whylink_warnings; a warning is an error where the project itself builds. Who installs whylink
# (preset release, the package) has whatever compiler there is, and gets the program.
option(WHYLINK_WERROR "A warning is an error" ON)
add_library(whylink_warnings INTERFACE)
target_compile_options(whylink_warnings INTERFACE
  -Wall -Wextra -Wpedantic $<$<BOOL:${WHYLINK_WERROR}>:-Werror>
  -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wcast-qual
  -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2
  -Wimplicit-fallthrough -Wundef)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(whylink_warnings INTERFACE
    -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast)
  # GCC 12 sees overlapping copies in `"text" + std::string` when it inlines at -O2 and above (GCC bug 105651).
  target_compile_options(whylink_warnings INTERFACE -Wno-restrict)
else()
  # Not with GCC 12: once sanitizers or optimisation move a guard apart, its flow analysis reports null pointers inside
  # inlined library code. A warning that is never an error only fills the log of the build.
  target_compile_options(whylink_warnings INTERFACE -Wnull-dereference)
endif()
