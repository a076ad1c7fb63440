// Sections and keys of AWS' shared files.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace whylink::control {

using IniSection = std::map<std::string, std::string, std::less<>>;
using Ini = std::map<std::string, IniSection, std::less<>>;

/// `[section]`, `key = value`; comments begin with # or ; at the start of a line. What is not understood is passed over, as
/// the SDKs do; lines that continue a value (indented) too.
Ini parse_ini(std::string_view text);

/// The value of a key; empty where there is none.
std::string value_of(const IniSection& section, std::string_view key);

}  // namespace whylink::control
