// The wording of the mistakes that any table can have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "config/values.hpp"

namespace whylink::config {

/// `unknown key "intervall" in [[endpoint]]; did you mean "interval"?`
std::string unknown_key_message(std::string_view key, Section section, const Source& source);
/// `missing "host" in [[endpoint]]: a host name or an IP address`
std::string missing_key_message(const Key& key, const Source& source);
/// ` in [[endpoint]]`, or nothing where there are no sections.
std::string place(const Source& source, Section section);
/// `"port" in [[endpoint]]`
std::string subject(const Key& key, const Source& source);
/// "FILE:LINE:COLUMN"
std::string place_text(const std::string& file, Position at);

/// Moves the problems of a file to the end of `errors`, by line and column.
void append_errors(std::vector<Error>& errors, const std::string& file, std::vector<Problem>& problems);

}  // namespace whylink::config
