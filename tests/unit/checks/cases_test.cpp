// Walks tests/cases: a new case is a new directory and needs no code.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "case.hpp"
#include "checks/explain/evidence.hpp"
#include "checks/stages/classify.hpp"

namespace whylink::checks::test {
namespace {

std::string outcome_line(const JudgedProbe& probe) {
    std::string line;
    if (const auto* dns = std::get_if<probes::DnsFacts>(&probe.observation.facts)) {
        line = "dns " + dns->name + " " +
               (dns->source == probes::NameSource::hosts_file ? "hosts_file" : resolver_text(*dns));
    } else if (!probe.observation.address) {
        line = probe.observation.stage == probes::Stage::listener ? "listener" : "packets";
    } else {
        const bool is_tls = std::holds_alternative<probes::TlsFacts>(probe.observation.facts);
        const bool is_app = std::holds_alternative<probes::AppFacts>(probe.observation.facts);
        line = is_app ? "app " : is_tls ? "tls " : "tcp ";
        line += probe.observation.address ? probe.observation.address->to_string() : "-";
    }
    line += " ";
    line += slug(probe.outcome);
    return probe.counts ? line : line + ", does not count";
}

std::vector<std::string> outcome_lines(const Verdict& verdict) {
    std::vector<std::string> lines;
    for (const JudgedProbe& probe : verdict.probes) {
        lines.push_back(outcome_line(probe));
    }
    return lines;
}

std::vector<std::string> fault_slugs(const Verdict& verdict) {
    std::vector<std::string> slugs;
    for (const JudgedProbe& probe : verdict.probes) {
        for (const Outcome fault : probe.faults) {
            slugs.emplace_back(slug(fault));
        }
    }
    return slugs;
}

std::vector<std::string> ends(const Verdict& verdict) {
    std::vector<std::string> list;
    for (const JudgedProbe& probe : verdict.probes) {
        const probes::StreamEnd end = stream_end(probe.observation);
        list.emplace_back(end == probes::StreamEnd::none  ? ""
                          : end == probes::StreamEnd::fin ? "fin"
                                                          : "rst");
    }
    return list;
}

std::string all_texts(const Diagnosis& diagnosis) {
    std::string texts = diagnosis.summary + "\n";
    for (const std::string& line : diagnosis.evidence) {
        texts += line + "\n";
    }
    for (const std::string& step : diagnosis.remediation) {
        texts += step + "\n";
    }
    return texts;
}

void expect_verdict(const Expected& expected, const Verdict& verdict) {
    const Diagnosis& diagnosis = verdict.diagnosis;
    std::vector<std::string> alternatives;
    for (const Cause cause : diagnosis.alternatives) {
        alternatives.emplace_back(slug(cause));
    }
    EXPECT_EQ(verdict.healthy, expected.healthy);
    EXPECT_EQ(slug(diagnosis.cause), expected.cause);
    EXPECT_EQ(slug(diagnosis.severity), expected.severity);
    EXPECT_EQ(slug(diagnosis.confidence), expected.confidence);
    EXPECT_EQ(alternatives, expected.alternatives);
    if (expected.outcomes) {
        EXPECT_EQ(outcome_lines(verdict), *expected.outcomes);
    }
    if (expected.ends) {
        EXPECT_EQ(ends(verdict), *expected.ends);
    }
    EXPECT_EQ(fault_slugs(verdict), expected.faults);
    for (const std::string& text : expected.says) {
        EXPECT_NE(all_texts(diagnosis).find(text), std::string::npos) << "does not say: " << text;
    }
}

/// `{name}`; other braces are those of a command that a step gives, `${KEY_ID:?}` or JSON.
std::string placeholder_in(const std::string& text) {
    for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) {
        const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at + 1);
        if (end != std::string::npos && end > at + 1 && text[end] == '}') {
            return text.substr(at, end + 1 - at);
        }
    }
    return {};
}

/// What holds of every verdict, whichever the case.
void expect_honest(const Verdict& verdict) {
    const Diagnosis& diagnosis = verdict.diagnosis;
    EXPECT_FALSE(diagnosis.confidence == Confidence::high && !diagnosis.alternatives.empty())
        << "certain although something else explains it as well";
    EXPECT_EQ(std::ranges::count(diagnosis.alternatives, diagnosis.cause), 0);
    EXPECT_EQ(diagnosis.cause == Cause::healthy, verdict.healthy && diagnosis.severity == Severity::ok);
    EXPECT_TRUE(verdict.healthy || diagnosis.severity != Severity::ok);
    EXPECT_TRUE(!verdict.healthy || diagnosis.severity != Severity::critical);
    EXPECT_FALSE(diagnosis.summary.empty());
    EXPECT_EQ(diagnosis.summary.find('\n'), std::string::npos);
    EXPECT_EQ(diagnosis.remediation.empty(), diagnosis.cause == Cause::healthy);
    EXPECT_TRUE(!diagnosis.evidence.empty() || verdict.probes.empty());
    EXPECT_EQ(placeholder_in(all_texts(diagnosis)), "") << "a placeholder was not filled";
    for (const JudgedProbe& probe : verdict.probes) {
        const auto* dns = std::get_if<probes::DnsFacts>(&probe.observation.facts);
        EXPECT_EQ(probe.query_outcomes.size(), dns == nullptr ? 0 : dns->queries.size());
        EXPECT_TRUE(passes(probe.outcome) || !probe.detail.empty())
            << "says nothing about " << slug(probe.outcome);
    }
}

class Cases : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Cases, GivesTheRecordedDiagnosis) {
    const Case recorded = read_case(GetParam());
    ASSERT_EQ(recorded.problems, std::vector<std::string>{});
    ASSERT_FALSE(recorded.targets.empty());
    for (const auto& [name, verdict] : judge_case(recorded)) {
        SCOPED_TRACE(name);
        expect_verdict(recorded.targets.at(name).expected, verdict);
        expect_honest(verdict);
        if (testing::Test::HasFailure()) {
            ADD_FAILURE() << slug(verdict.diagnosis.cause) << ": " << all_texts(verdict.diagnosis);
        }
    }
}

std::string test_name(const testing::TestParamInfo<std::filesystem::path>& info) {
    std::string name = info.param.filename().string();
    std::ranges::replace_if(
        name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Recorded, Cases, testing::ValuesIn(case_directories()), test_name);

}  // namespace
}  // namespace whylink::checks::test
