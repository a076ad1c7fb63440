// The applications table: what whylink asks, asked of the real servers, healthy ones and those that fail in
// the usual ways.
#include "rows.hpp"

namespace whylink::netns_test {

const lab::Certificates& certificates() {
    static const lab::Certificates made("db.corp.test");
    return made;
}

const std::vector<Row>& all_rows() {
    static const std::vector<Row> rows = [] {
        std::vector<Row> all;
        for (const auto& part : {http_rows(), redis_rows(), mqtt_rows(), postgres_rows(), mysql_rows(),
                                 script_rows(), proxy_rows()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return rows;
}

}  // namespace whylink::netns_test
