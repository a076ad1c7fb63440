// Adobe Commerce.
#include "walkthrough.hpp"

namespace whylink::netns_test {

std::vector<Row> adobe_commerce_rows() {
    return {};
}

}  // namespace whylink::netns_test
