// Every confounder against the real program, twice: without follow-up tests and with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "matrix.hpp"
#include "support/sandbox.hpp"
#include "world.hpp"

namespace whylink::netns_test {

const lab::Certificates& certificates() {
    static const lab::Certificates made(confounders::host, {confounders::listed_host, confounders::alias});
    return made;
}

}  // namespace whylink::netns_test

namespace whylink::confounders {
namespace {

using netns_test::Row;
using netns_test::World;

const std::vector<Confounder>& all() {
    static const std::vector<Confounder> confounders = [] {
        std::vector<Confounder> all;
        for (const auto& part : {ends_early(), answers(), proxy_headers(), plain_text_services(), silences(),
                                 paths(), names(), server_names(), interceptions()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return confounders;
}

Row without_experiments(Row row) {
    const std::string name = "name = \"t\"\n";
    row.config.insert(row.config.find(name) + name.size(), "experiments = false\n");
    row.name += "WithoutExperiments";
    return row;
}

std::vector<Row> expanded() {
    std::vector<Row> rows;
    unsigned index = 0;
    for (const Confounder& confounder : all()) {
        const std::string& name = confounder.row.name;
        netns_test::Values values =
            netns_test::values_of_row(++index, lab::scratch_directory() / "rows" / name);
        values.merge(netns_test::certificates().files());
        rows.push_back(netns_test::expand(confounder.row, values));
    }
    return rows;
}

std::vector<Compared> compare_all() {
    const std::vector<Row> rows = expanded();
    const World world(rows);
    std::vector<Compared> matrix(rows.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> workers;
    constexpr int at_once = 8;
    workers.reserve(at_once);
    for (int i = 0; i < at_once; ++i) {
        workers.emplace_back([&] {
            for (std::size_t row = next++; row < rows.size(); row = next++) {
                matrix[row] = {&all()[row], read_report(world.check(without_experiments(rows[row]))),
                               read_report(world.check(rows[row]))};
            }
        });
    }
    for (auto& worker : workers) {
        worker.join();
    }
    return matrix;
}

const std::vector<Compared>& matrix() {
    static const std::vector<Compared> compared = compare_all();
    return compared;
}

bool names(const Said& said, const std::string& cause) {
    return said.cause == cause || std::ranges::find(said.alternatives, cause) != said.alternatives.end();
}

void expect_honest(const Said& said, const std::string& truth) {
    ASSERT_EQ(said.fault, "");
    if (said.confidence == "high") {
        EXPECT_EQ(said.cause, truth) << "said with high confidence";
    }
    EXPECT_TRUE(names(said, truth)) << "the true cause is " << truth << "; said is " << said.cause << " or "
                                    << testing::PrintToString(said.alternatives);
}

class Confounders : public testing::TestWithParam<std::size_t> {};

TEST_P(Confounders, AreSaidHonestly) {
    const Compared& compared = matrix()[GetParam()];
    const std::string& truth = compared.confounder->truth;
    {
        SCOPED_TRACE("without experiments");
        EXPECT_THAT(compared.without.experiments, testing::IsEmpty());
        expect_honest(compared.without, truth);
    }
    SCOPED_TRACE("with experiments");
    expect_honest(compared.with, truth);
}

INSTANTIATE_TEST_SUITE_P(, Confounders, testing::Range(std::size_t{0}, all().size()),
                         [](const testing::TestParamInfo<std::size_t>& row) {
                             return all()[row.param].row.name;
                         });

/// With WHYLINK_UPDATE_DOCS in the environment the page is rewritten.
TEST(ConfounderPage, ShowsWhatTheProgramSays) {
    const std::string now = page(matrix());
    if (std::getenv("WHYLINK_UPDATE_DOCS") != nullptr) {
        std::ofstream(WHYLINK_CONFOUNDERS_PAGE) << now;
    }
    std::ifstream file(WHYLINK_CONFOUNDERS_PAGE);
    std::stringstream written;
    written << file.rdbuf();
    EXPECT_EQ(written.str(), now) << "rewrite it with WHYLINK_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace whylink::confounders

int main(int argc, char** argv) {
    if (const auto refused = whylink::lab::enter_sandbox()) {
        const bool required = std::getenv("CI") != nullptr || std::getenv("WHYLINK_REQUIRE_NETNS") != nullptr;
        std::cerr << "no network namespaces here: " << *refused << (required ? "\n" : "; skipped\n");
        constexpr int skipped = 77;  // as CTest's SKIP_RETURN_CODE says
        return required ? 1 : skipped;
    }
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
