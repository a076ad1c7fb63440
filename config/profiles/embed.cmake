# Writes the profiles as C++: cmake -DOUT=FILE -DDIRECTORY=DIR "-DNAMES=aws,azure" -P embed.cmake
string(REPLACE "," ";" names "${NAMES}")
set(rows "")
set(count 0)
foreach(name IN LISTS names)
  file(READ "${DIRECTORY}/${name}.toml" text)
  string(APPEND rows "    {\"${name}\", R\"profile(${text})profile\"},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUT}" "// Made of config/profiles/*.toml.
#include \"config/builtin_profiles.hpp\"

#include <array>

namespace whylink::config {
namespace {

constexpr std::array<BuiltinProfile, ${count}> all{{
${rows}}};

}  // namespace

std::span<const BuiltinProfile> builtin_profiles() {
    return all;
}

}  // namespace whylink::config
")
