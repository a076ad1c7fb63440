// The schema of the JSON report (report.schema.json): what comes of enums and of the descriptions of facts.
#pragma once

#include <string>
#include <string_view>

namespace whylink::daemon {

/// A schema of the report with the definitions that are made from enums and from probes/fields.hpp put in place of
/// those that it has. Throws what nlohmann::json throws for what is no JSON.
std::string complete_schema(std::string_view schema);

}  // namespace whylink::daemon
