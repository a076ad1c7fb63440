// The files of this folder that are built into the program.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/embedded.hpp"

namespace whylink::daemon::page {

/// style.css and page.js; their text stands where TOML has its own.
std::span<const config::EmbeddedToml> embedded_files();

std::string_view style_sheet();
std::string_view script();
/// An SVG image.
std::string icon();

}  // namespace whylink::daemon::page
