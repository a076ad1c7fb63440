// The parts of the fault table.
#pragma once

#include <vector>

#include "row.hpp"

namespace whylink::netns_test {

std::vector<Row> dns_rows();
std::vector<Row> zone_rows();
std::vector<Row> tcp_rows();
std::vector<Row> tls_rows();
std::vector<Row> field_tls_rows();
std::vector<Row> vm_rows();
std::vector<Row> real_server_rows();
std::vector<Row> packet_rows();
std::vector<Row> watch_rows();
std::vector<Row> field_application_rows();
std::vector<Row> field_packet_rows();
std::vector<Row> field_host_rows();
std::vector<Row> field_name_rows();
std::vector<Row> field_report_rows();

}  // namespace whylink::netns_test
