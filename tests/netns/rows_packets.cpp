#include "row.hpp"

namespace whylink::netns_test {

std::vector<Row> packet_rows() {
    return {};
}

}  // namespace whylink::netns_test
