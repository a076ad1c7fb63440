// What was met in the field: situations from issue reports and forums, and what resembles them.
#include "rows.hpp"

namespace whylink::netns_test {

const lab::Certificates& certificates() {
    static const lab::Certificates made("db.corp.test");
    return made;
}

const std::vector<Row>& all_rows() {
    static const std::vector<Row> rows = [] {
        std::vector<Row> all;
        for (const auto& part : {field_name_rows(), field_host_rows(), field_packet_rows(), field_tls_rows(),
                                 field_application_rows(), field_report_rows()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return rows;
}

}  // namespace whylink::netns_test
