// Runs the table: the real program, against the real kernel and real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/sandbox.hpp"
#include "world.hpp"

namespace whylink::netns_test {

// For GoogleTest, which prints the bytes of what it does not know.
void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}

namespace {

using nlohmann::json;

// All rows of this run were checked before the first is looked at, several at a time: most of them wait for
// time-outs.
class Results {
  public:
    static Results& all() {
        static Results results;
        return results;
    }

    void run(std::vector<Row> rows) {
        rows_ = std::move(rows);
        completed_.resize(rows_.size());
        const World world(rows_);
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> workers;
        constexpr int at_once = 8;
        workers.reserve(at_once);
        for (int i = 0; i < at_once; ++i) {
            workers.emplace_back([&] {
                for (std::size_t row = next++; row < rows_.size(); row = next++) {
                    completed_[row] = world.check(rows_[row]);
                }
            });
        }
        for (auto& worker : workers) {
            worker.join();
        }
    }

    std::pair<const Row*, const lab::Completed*> of(const std::string& name) const {
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (rows_[i].name == name) {
                return {&rows_[i], &completed_[i]};
            }
        }
        return {};
    }

  private:
    std::vector<Row> rows_;
    std::vector<lab::Completed> completed_;
};

class Fault : public testing::TestWithParam<Row> {};

std::vector<Row> rows_to_run() {
    std::vector<Row> rows;
    const auto& unit = *testing::UnitTest::GetInstance();
    for (int s = 0; s < unit.total_test_suite_count(); ++s) {
        const auto& suite = *unit.GetTestSuite(s);
        for (int t = 0; t < suite.total_test_count(); ++t) {
            const auto& test = *suite.GetTestInfo(t);
            const std::string name = test.name();
            for (const Row& row : all_rows()) {
                if (test.should_run() && name == "IsDiagnosed/" + row.name) {
                    rows.push_back(row);
                }
            }
        }
    }
    return rows;
}

bool fits(const json& probe, const Seen& seen) {
    const auto is = [&](const char* key, const std::string& value) { return probe.value(key, "") == value; };
    return is("experiment", seen.experiment) && (seen.stage.empty() || is("stage", seen.stage)) &&
           (seen.outcome.empty() || is("outcome", seen.outcome)) &&
           (seen.where.empty() || is("address", seen.where) || is("resolver", seen.where) ||
            is("target", seen.where));
}

std::string text_of(const Seen& seen) {
    const std::string made_for = seen.experiment.empty() ? "" : ", experiment " + seen.experiment;
    return seen.stage + " " + seen.where + " " + seen.outcome + made_for;
}

const json* find_target(const json& report, const std::string& name) {
    for (const char* kind : {"endpoints", "zones", "watches"}) {
        for (const json& target : report.at(kind)) {
            if (target.at("name") == name) {
                return &target;
            }
        }
    }
    return nullptr;
}

void expect_probes(const json& target, const std::vector<Seen>& wanted) {
    for (const Seen& seen : wanted) {
        const auto& probes = target.at("probes");
        EXPECT_TRUE(std::ranges::any_of(probes, [&](const json& probe) { return fits(probe, seen); }))
            << "no probe like: " << text_of(seen);
    }
}

int rank(const std::string& confidence) {
    return confidence == "high" ? 2 : confidence == "medium" ? 1 : 0;
}

// What every diagnosis promises, whatever its cause.
void expect_honest(const json& diagnosis) {
    EXPECT_FALSE(diagnosis.at("summary").get<std::string>().empty());
    EXPECT_FALSE(diagnosis.at("evidence").empty());
    if (diagnosis.at("cause") != "healthy") {
        EXPECT_FALSE(diagnosis.at("remediation").empty());
    }
    if (!diagnosis.at("alternatives").empty()) {
        EXPECT_NE(diagnosis.at("confidence"), "high") << "another cause explains it too";
    }
}

std::string lines_of(const json& diagnosis, const char* key) {
    std::string text;
    for (const auto& line : diagnosis.at(key).get<std::vector<std::string>>()) {
        text += line + "\n";
    }
    return text;
}

void expect_texts(const std::string& text, const std::vector<std::string>& wanted) {
    for (const std::string& part : wanted) {
        EXPECT_THAT(text, testing::HasSubstr(part));
    }
}

void expect_diagnosis(const json& diagnosis, const Expected& expected, bool healthy) {
    EXPECT_EQ(diagnosis.at("cause"), expected.cause);
    const std::string severity = !expected.severity.empty() ? expected.severity : healthy ? "ok" : "critical";
    EXPECT_EQ(diagnosis.at("severity"), severity);
    const std::string confidence = diagnosis.at("confidence");
    EXPECT_LE(rank(confidence), rank(expected.at_most)) << confidence;
    EXPECT_GE(rank(confidence), rank(expected.at_least)) << confidence;
    const auto alternatives = diagnosis.at("alternatives").get<std::vector<std::string>>();
    for (const std::string& alternative : expected.alternatives) {
        EXPECT_THAT(alternatives, testing::Contains(alternative));
    }
    for (const std::string& excluded : expected.excluded) {
        EXPECT_NE(diagnosis.at("cause"), excluded);
        EXPECT_THAT(alternatives, testing::Not(testing::Contains(excluded)));
    }
    expect_texts(lines_of(diagnosis, "evidence"), expected.evidence);
    expect_texts(lines_of(diagnosis, "remediation"), expected.remediation);
    expect_texts(diagnosis.at("summary"), expected.summary);
}

/// Else the row would hold whether it is mended or not.
bool differs(const KnownFailure& known, const Expected& expected) {
    return known.cause != expected.cause || rank(known.confidence) > rank(expected.at_most) ||
           rank(known.confidence) < rank(expected.at_least) || !known.unsaid.empty() ||
           (!known.severity.empty() && known.severity != expected.severity);
}

void expect_known_failure(const json& diagnosis, const KnownFailure& known, const Expected& expected) {
    EXPECT_TRUE(differs(known, expected)) << "what is said is what is expected";
    EXPECT_EQ(diagnosis.at("cause"), known.cause) << "not as known: mended?";
    EXPECT_EQ(diagnosis.at("confidence"), known.confidence) << "not as known: mended?";
    if (!known.severity.empty()) {
        EXPECT_EQ(diagnosis.at("severity"), known.severity) << "not as known: mended?";
    }
    if (!known.unsaid.empty()) {
        const std::string said = diagnosis.at("summary").get<std::string>() +
                                 lines_of(diagnosis, "evidence") + lines_of(diagnosis, "remediation");
        EXPECT_THAT(said, testing::Not(testing::HasSubstr(known.unsaid))) << "not as known: mended?";
    }
}

void expect_packets(const json& target, const Expected& expected) {
    const json packets = target.value("packets", json::object());
    if (!expected.captured) {
        EXPECT_TRUE(packets.empty()) << packets;
    }
    for (const Counted& counted : expected.packets) {
        const json of_address = packets.value(counted.address, json::object());
        ASSERT_TRUE(of_address.contains(counted.what)) << counted.what << " in " << packets;
        const auto count = of_address.at(counted.what).get<std::uint64_t>();
        EXPECT_GE(count, counted.at_least) << counted.what;
        EXPECT_LE(count, counted.at_most) << counted.what;
    }
}

TEST_P(Fault, IsDiagnosed) {
    const auto [row, done] = Results::all().of(GetParam().name);
    ASSERT_NE(row, nullptr);
    SCOPED_TRACE(row->why + "\n--- config\n" + row->config + "--- output\n" + done->out + done->err);
    ASSERT_FALSE(done->killed_at_deadline);
    if (!row->expected.refusal.empty()) {
        EXPECT_EQ(done->status, row->expected.exit_status.value_or(1));
        EXPECT_THAT(done->err, testing::HasSubstr(row->expected.refusal));
        return;
    }
    const json report = json::parse(done->out, nullptr, false);
    ASSERT_FALSE(report.is_discarded()) << "exit status " << done->status;
    const json* target = find_target(report, row->target);
    ASSERT_NE(target, nullptr);
    if (row->known_failure) {
        expect_known_failure(target->at("diagnosis"), *row->known_failure, row->expected);
        return;
    }
    const bool healthy = row->expected.healthy.value_or(row->expected.cause == "healthy");
    EXPECT_EQ(target->at("healthy").get<bool>(), healthy);
    EXPECT_EQ(done->status, row->expected.exit_status.value_or(healthy ? 0 : 1));
    expect_probes(*target, row->expected.probes);
    expect_diagnosis(target->at("diagnosis"), row->expected, healthy);
    expect_honest(target->at("diagnosis"));
    expect_packets(*target, row->expected);
    if (!row->expected.profile.empty()) {
        EXPECT_EQ(target->at("profile"), row->expected.profile);
    }
}

INSTANTIATE_TEST_SUITE_P(, Fault, testing::ValuesIn(all_rows()),
                         [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

// Builds the world when tests are to run, and not for --gtest_list_tests.
class Lab : public testing::Environment {
  public:
    void SetUp() override {
        std::vector<Row> rows;
        unsigned index = 0;
        for (const Row& row : rows_to_run()) {
            ++index;
            const std::string directory = lab::scratch_directory() / "rows" / row.name;
            Values values = values_of_row(index, directory);
            values.merge(certificates().files());
            rows.push_back(expand(row, values));
        }
        Results::all().run(std::move(rows));
    }
};

}  // namespace

}  // namespace whylink::netns_test

int main(int argc, char** argv) {
    if (const auto refused = whylink::lab::enter_sandbox()) {
        const bool required = std::getenv("CI") != nullptr || std::getenv("WHYLINK_REQUIRE_NETNS") != nullptr;
        std::cerr << "no network namespaces here: " << *refused << (required ? "\n" : "; skipped\n");
        constexpr int skipped = 77;  // as CTest's SKIP_RETURN_CODE says
        return required ? 1 : skipped;
    }
    testing::InitGoogleTest(&argc, argv);
    testing::AddGlobalTestEnvironment(new whylink::netns_test::Lab);
    return RUN_ALL_TESTS();
}
