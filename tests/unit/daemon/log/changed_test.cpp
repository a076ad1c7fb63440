// What a line of the log says of what changed before a failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/change_records.hpp"
#include "tests/unit/daemon/fabricated_snapshot.hpp"

namespace whylink::daemon {
namespace {

using namespace std::chrono_literals;
using fabricated::noon;
using testing::HasSubstr;

Record record_of(TargetHistory history) {
    TargetStatus status = fabricated::watched(fabricated::failing_endpoint("orders"));
    status.standing.history = std::make_shared<const TargetHistory>(std::move(history));
    return change_record(status, fabricated::explanation(), {});
}

const Record::Value* field(const Record& record, std::string_view key) {
    for (const auto& [name, value] : record.fields) {
        if (name == key) {
            return &value;
        }
    }
    return nullptr;
}

TEST(ChangedBefore, StandsInTheLineAndInItsFields) {
    const Record record =
        record_of({noon(), noon() - 30s, {{noon() - 1s, What::address, "10.0.0.9", "10.0.0.4"}}});
    EXPECT_THAT(record.message, HasSubstr("; changed: address 10.0.0.9 → 10.0.0.4"));
    RecordRow row;
    row.add("at", std::string("2026-01-01T11:59:59.000Z"))
        .add("what", std::string("address"))
        .add("from", std::string("10.0.0.9"))
        .add("to", std::string("10.0.0.4"));
    ASSERT_NE(field(record, "changed"), nullptr);
    EXPECT_EQ(*field(record, "changed"), Record::Value(std::vector<RecordRow>{row}));
    EXPECT_EQ(*field(record, "never_healthy"), Record::Value(false));
}

TEST(ChangedBefore, IsSaidWhereThereWasNothing) {
    EXPECT_THAT(record_of({noon(), noon() - 30s, {}}).message, HasSubstr("; nothing changed before it"));
    EXPECT_THAT(record_of({noon(), std::nullopt, {}}).message, HasSubstr("; never healthy so far"));
}

}  // namespace
}  // namespace whylink::daemon
