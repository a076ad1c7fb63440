// What was met in the field: situations from issue reports and forums, and what resembles them.
#include "rows.hpp"

namespace whylink::netns_test {

const lab::Certificates& certificates() {
    static const lab::Certificates made("db.corp.test");
    return made;
}

const std::vector<Row>& all_rows() {
    static const std::vector<Row> rows = field_report_rows();
    return rows;
}

}  // namespace whylink::netns_test
