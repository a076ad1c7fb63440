// What the recorded cases account-* leave out: every state, and properties of every verdict.
#include "checks/surroundings/accounts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "checks/explain/explain.hpp"
#include "checks/surroundings/known_past.hpp"
#include "tests/unit/checks/case.hpp"

namespace whylink::checks::test {
namespace {

using control::ConnectionState;

constexpr control::Time failing{std::chrono::milliseconds(1'000'000)};

RecordedTarget target_of(const char* name) {
    return read_case(std::filesystem::path(WHYLINK_CASES) / name).targets.begin()->second;
}

/// Certificates of the cases are valid then.
TimePoint now() {
    static const TimePoint time = read_case(std::filesystem::path(WHYLINK_CASES) / "healthy-tls").now;
    return time;
}

Verdict judged(const RecordedTarget& recorded, const control::Readings& readings,
               const control::Subject& subject) {
    const AccountsOf accounts(readings, subject, failing);
    const std::array<const Source*, 1> surroundings{&accounts};
    return judge(*recorded.target, assess(*recorded.target, recorded.measured, now()), surroundings);
}

control::Subject subject_of(const RecordedTarget& recorded) {
    control::Subject subject;
    subject.target = recorded.target->name();
    subject.host = recorded.target->endpoint()->host;
    subject.port = recorded.target->endpoint()->port;
    subject.sources = {*IpAddress::parse("10.0.3.10")};
    return subject;
}

control::Readings with_endpoint(ConnectionState state) {
    control::Endpoint endpoint;
    endpoint.origin = {"acme", failing};
    endpoint.id = "vpce-1";
    endpoint.state = state;
    control::Interface interface;
    interface.addresses = {*IpAddress::parse("10.0.0.4")};
    endpoint.interfaces = {{interface}, true};
    control::Readings readings;
    readings.facts.endpoints = {endpoint};
    return readings;
}

TEST(Accounts, EachStateOfTheConnectionHasItsCause) {
    const RecordedTarget silent = target_of("syn-unanswered");
    for (const Term<ConnectionState>& state : terms_of<ConnectionState>) {
        using enum ConnectionState;
        const Verdict verdict = judged(silent, with_endpoint(state.value), subject_of(silent));
        const bool waits =
            state.value == waiting || state.value == setting_up || state.value == needs_attention;
        const bool ended = state.value == rejected || state.value == disconnected || state.value == failed ||
                           state.value == expired || state.value == deleting || state.value == deleted;
        const Cause cause = waits   ? Cause::connection_pending
                            : ended ? Cause::connection_rejected
                                    : Cause::syn_unanswered;
        EXPECT_EQ(slug(verdict.decision.cause), slug(cause)) << state.slug;
        EXPECT_EQ(verdict.decision.confidence == Confidence::high, waits || ended) << state.slug;
    }
}

TEST(Accounts, NeverMakeAHealthyTargetUnhealthy) {
    const RecordedTarget working = target_of("healthy-tls");
    const control::Subject subject = subject_of(working);
    for (const Term<ConnectionState>& state : terms_of<ConnectionState>) {
        for (const Term<control::ServiceState>& service : terms_of<control::ServiceState>) {
            control::Readings readings = with_endpoint(state.value);
            control::VendorService vendor;
            vendor.origin = {"acme", failing};
            vendor.private_host = subject.host;
            vendor.state = service.value;
            vendor.allow_list.complete = true;
            readings.facts.vendor_services = {vendor};
            const Verdict verdict = judged(working, readings, subject);
            EXPECT_TRUE(verdict.healthy) << state.slug << ", " << service.slug;
            EXPECT_EQ(slug(verdict.decision.cause), slug(Cause::healthy))
                << state.slug << ", " << service.slug;
            EXPECT_EQ(slug(verdict.decision.severity), slug(Severity::ok))
                << state.slug << ", " << service.slug;
        }
    }
}

TEST(Accounts, ReadsThatFailedLeaveTheVerdictAsItWas) {
    for (const char* name : {"syn-unanswered", "allowlist-known", "tls-silent", "dns-nxdomain"}) {
        const RecordedTarget recorded = target_of(name);
        control::Readings readings;
        for (const Term<control::Result>& result : terms_of<control::Result>) {
            if (result.value == control::Result::ok || result.value == control::Result::not_found) {
                continue;
            }
            control::Read read;
            read.read = "vpc_endpoint";
            read.result = result.value;
            read.read_at = failing;
            readings.reads.push_back(read);
        }
        const Verdict without = judge(*recorded.target, assess(*recorded.target, recorded.measured, now()));
        const Verdict with = judged(recorded, readings, subject_of(recorded));
        EXPECT_EQ(slug(with.decision.cause), slug(without.decision.cause)) << name;
        EXPECT_EQ(slug(with.decision.confidence), slug(without.decision.confidence)) << name;
        EXPECT_EQ(with.decision.alternatives, without.decision.alternatives) << name;
        EXPECT_EQ(explain(*recorded.target, with).summary, explain(*recorded.target, without).summary)
            << name;
    }
}

TEST(Accounts, AnEndpointThatIsNotFoundIsAtMostMedium) {
    const RecordedTarget silent = target_of("syn-unanswered");
    control::Subject subject = subject_of(silent);
    control::Read read;
    read.read = "private_endpoint";
    read.result = control::Result::not_found;
    read.read_at = failing;
    read.targets = {subject.target};
    control::Readings readings;
    readings.reads = {read};
    // Without a configured identifier nothing says what was looked for.
    EXPECT_EQ(slug(judged(silent, readings, subject).decision.cause), slug(Cause::syn_unanswered));
    subject.endpoint_id =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe";
    const Verdict verdict = judged(silent, readings, subject);
    EXPECT_EQ(slug(verdict.decision.cause), slug(Cause::connection_rejected));
    EXPECT_EQ(slug(verdict.decision.confidence), slug(Confidence::medium));
    readings.reads.front().read_at = failing - std::chrono::milliseconds(1);
    EXPECT_EQ(slug(judged(silent, readings, subject).decision.cause), slug(Cause::syn_unanswered));
    readings.reads = {read};
    readings.reads.front().targets = {"another"};
    EXPECT_EQ(slug(judged(silent, readings, subject).decision.cause), slug(Cause::syn_unanswered));
}

TEST(Accounts, AnEndpointIsNotMissedWhereAnotherAccountWasNotRead) {
    const RecordedTarget silent = target_of("syn-unanswered");
    control::Subject subject = subject_of(silent);
    subject.endpoint_id = "vpce-9";
    control::Readings readings;
    readings.facts.complete = {{{"acme", failing}, "vpc_endpoint", "eu-west-1"}};
    EXPECT_EQ(slug(judged(silent, readings, subject).decision.cause), slug(Cause::connection_rejected));
    for (const Term<control::Result>& result : terms_of<control::Result>) {
        control::Read other;
        other.account = "other";
        other.read = "vpc_endpoint";
        other.result = result.value;
        other.read_at = failing;
        readings.reads = {other};
        const bool said = result.value == control::Result::ok || result.value == control::Result::not_found;
        EXPECT_EQ(slug(judged(silent, readings, subject).decision.cause),
                  slug(said ? Cause::connection_rejected : Cause::syn_unanswered))
            << result.slug;
    }
}

TEST(Accounts, NobodyIsToldToAddWhatTheListHas) {
    const RecordedTarget reset = target_of("allowlist-known");
    control::Readings readings = with_endpoint(ConnectionState::available);
    control::VendorService vendor;
    vendor.origin = {"acme", failing};
    vendor.private_host = reset.target->endpoint()->host;
    vendor.allow_list = {{"vpce-1"}, true};
    readings.facts.vendor_services = {vendor};
    const Verdict verdict = judged(reset, readings, subject_of(reset));
    EXPECT_EQ(slug(verdict.decision.cause), slug(Cause::not_on_allowlist));
    EXPECT_EQ(slug(verdict.decision.confidence), slug(Confidence::low));
    EXPECT_THAT(explain(*reset.target, verdict).steps,
                testing::Not(testing::Contains(testing::StartsWith("Add "))));
}

TEST(Accounts, AnAcceptedConnectionIsNotLookedForAgain) {
    const RecordedTarget silent = target_of("syn-unanswered");
    KnownPast past;
    past.never_healthy = true;
    const PastOf never_healthy([&past](const Assessment&) { return past; });
    const control::Readings readings = with_endpoint(ConnectionState::available);
    const AccountsOf accounts(readings, subject_of(silent), failing);
    const auto steps = [&silent](std::span<const Source* const> surroundings) {
        const Verdict verdict =
            judge(*silent.target, assess(*silent.target, silent.measured, now()), surroundings);
        EXPECT_EQ(slug(verdict.decision.cause), slug(Cause::syn_unanswered));
        return explain(*silent.target, verdict).steps;
    };
    const auto looks_for_it = testing::Contains(testing::HasSubstr("has never been healthy here"));
    EXPECT_THAT(steps(std::array<const Source*, 1>{&never_healthy}), looks_for_it);
    EXPECT_THAT(steps(std::array<const Source*, 2>{&never_healthy, &accounts}), testing::Not(looks_for_it));
}

TEST(Accounts, AMismatchIsSaidOfATargetThatWorks) {
    const RecordedTarget working = target_of("healthy-tls");
    control::Readings readings = with_endpoint(ConnectionState::available);
    control::Subject subject = subject_of(working);
    subject.service = "vpce-svc-0b";
    readings.facts.endpoints.front().service = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a";
    const Verdict verdict = judged(working, readings, subject);
    EXPECT_TRUE(verdict.healthy);
    EXPECT_THAT(explain(*working.target, verdict).evidence,
                testing::Contains("`service` is vpce-svc-0b, but the account has "
                                  "com.amazonaws.vpce.eu-west-1.vpce-svc-0a"));
}

}  // namespace
}  // namespace whylink::checks::test
