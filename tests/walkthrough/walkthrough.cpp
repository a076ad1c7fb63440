// The walk-throughs of the providers' pages.
#include "walkthrough.hpp"

namespace whylink::netns_test {

const lab::Certificates& certificates() {
    // As ClickHouse Cloud's: one certificate has the names of many services.
    static const lab::Certificates made(
        "*.westus3.privatelink.azure.clickhouse.cloud",
        {"*.us-east-1.vpce.aws.clickhouse.cloud", "*.us-central1.p.gcp.clickhouse.cloud",
         "*.westus3.azure.clickhouse.cloud", "*.us-east-1.aws.clickhouse.cloud",
         "*.us-central1.gcp.clickhouse.cloud"});
    return made;
}

const std::vector<Row>& all_rows() {
    static const std::vector<Row> rows = [] {
        std::vector<Row> all;
        for (const auto& part : {clickhouse_rows(), emqx_rows(), adobe_commerce_rows()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return rows;
}

}  // namespace whylink::netns_test
