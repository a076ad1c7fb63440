// The wording of the mistakes that any table can have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "config/values.hpp"

namespace whylink::config {

/// `endpoint.intervall: unknown key; did you mean "interval"?`
std::string unknown_key_message(std::string_view key, Section section, const Source& source);
/// `endpoint.host: missing; add a host name or an IP address, such as "db.example.com"`
std::string missing_key_message(const Key& key, const Source& source);
/// `endpoint.port`; on the command line `--resolver` or `PORT`: what a message begins with.
std::string key_path(const Source& source, Section section, std::string_view key);
std::string key_path(const Source& source, const Key& key);
/// `an integer from 1 to 65535, such as 443`
std::string allowed(const Key& key);
/// "FILE:LINE:COLUMN"
std::string place_text(const std::string& file, Position at);

/// Moves the problems of a file to the end of `errors`, by line and column.
void append_errors(std::vector<Error>& errors, const std::string& file, std::vector<Problem>& problems);

}  // namespace whylink::config
