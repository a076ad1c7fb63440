// The parts of the walk-throughs, one for each provider.
#pragma once

#include <vector>

#include "row.hpp"

namespace whylink::netns_test {

std::vector<Row> clickhouse_rows();
std::vector<Row> emqx_rows();
std::vector<Row> adobe_commerce_rows();

}  // namespace whylink::netns_test
