// The fault table: every classic fault of a private endpoint at least once.
#include "rows.hpp"

namespace whylink::netns_test {

const lab::Certificates& certificates() {
    static const lab::Certificates made("db.corp.test");
    return made;
}

const std::vector<Row>& all_rows() {
    static const std::vector<Row> rows = [] {
        std::vector<Row> all;
        for (const auto& part : {dns_rows(), zone_rows(), tcp_rows(), tls_rows(), vm_rows(),
                                 real_server_rows(), packet_rows(), watch_rows()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return rows;
}

}  // namespace whylink::netns_test
