// The running daemon, in network namespaces of its own.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "support/sandbox.hpp"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (testing::GTEST_FLAG(list_tests)) {
        return RUN_ALL_TESTS();
    }
    if (const auto refused = whylink::lab::enter_sandbox()) {
        const bool required = std::getenv("CI") != nullptr || std::getenv("WHYLINK_REQUIRE_NETNS") != nullptr;
        std::cerr << "no network namespaces here: " << *refused << (required ? "\n" : "; skipped\n");
        constexpr int skipped = 77;  // as CTest's SKIP_RETURN_CODE says
        return required ? 1 : skipped;
    }
    return RUN_ALL_TESTS();
}
