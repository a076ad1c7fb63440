// The parts of the applications table.
#pragma once

#include <vector>

#include "row.hpp"

namespace whylink::netns_test {

std::vector<Row> http_rows();
std::vector<Row> redis_rows();
std::vector<Row> mqtt_rows();
std::vector<Row> postgres_rows();
std::vector<Row> mysql_rows();
std::vector<Row> script_rows();
std::vector<Row> proxy_rows();

}  // namespace whylink::netns_test
