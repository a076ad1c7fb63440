# whylink_embed(TARGET HEADER FUNCTION FILES...): builds TOML files into TARGET, in the order given. FUNCTION, with its
# namespace, is declared in HEADER and gives each by its name without the ending.
function(whylink_embed target header function)
  string(REGEX REPLACE ".*::" "" name ${function})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  list(JOIN ARGN "," files)
  set(script ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DHEADER=${header} -DFUNCTION=${function} "-DFILES=${files}" -P ${script}
    DEPENDS ${ARGN} ${script} VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

# As a script: writes the .cpp.
string(REPLACE "," ";" files "${FILES}")
list(LENGTH files count)
set(rows "")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND rows "    {\"${name}\", R\"toml(${text})toml\"},\n")
endforeach()
file(WRITE ${OUT} "// Made by cmake/Embed.cmake.
#include \"${HEADER}\"

#include <array>

namespace {

constexpr std::array<whylink::config::EmbeddedToml, ${count}> files{{
${rows}}};

}  // namespace

std::span<const whylink::config::EmbeddedToml> ${FUNCTION}() {
    return files;
}
")
