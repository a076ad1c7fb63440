// Any body as the answer of each operation of ClickHouse Cloud's API.
#include <cstddef>
#include <cstdint>
#include <string>

#include "control/clickhouse/dialect.hpp"
#include "control/clickhouse/read.hpp"
#include "control_facts.hpp"

using namespace whylink;
using namespace whylink::control;

namespace {

void add_all(const std::string& body, Readings& readings) {
    std::vector<VendorService>& services = readings.facts.vendor_services;
    fuzz::add(services, parse_clickhouse_services(body));
    if (auto id = parse_clickhouse_organization(body)) {
        services.emplace_back().id = std::move(*id);
    }
    if (auto config = parse_private_endpoint_config(body)) {
        VendorService& service = services.emplace_back();
        service.endpoint_service = std::move(config->endpoint_service);
        service.private_host = std::move(config->private_host);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::check_answer(data, size, add_all, [](const HttpResponse& response) {
        return classify_clickhouse(operation(Op::clickhouse_services), response);
    });
    return 0;
}
