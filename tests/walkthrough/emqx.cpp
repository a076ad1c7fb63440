// EMQX.
#include "walkthrough.hpp"

namespace whylink::netns_test {

std::vector<Row> emqx_rows() {
    return {};
}

}  // namespace whylink::netns_test
