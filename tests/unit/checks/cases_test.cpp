// Walks tests/cases: a new case is a new directory and needs no code.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "case.hpp"
#include "checks/explain/explain.hpp"
#include "checks/stages/dns/dns.hpp"
#include "checks/stages/hold.hpp"
#include "checks/stages/stage.hpp"
#include "checks/table/oddities.hpp"
#include "checks/table/rules.hpp"

namespace whylink::checks::test {
namespace {

std::string outcome_line(const JudgedProbe& probe) {
    std::string line;
    if (const auto* dns = get_if<probes::DnsFacts>(&probe.observation.facts)) {
        line = "dns " + dns->name + " " +
               (dns->source == probes::NameSource::hosts_file ? "hosts_file" : resolver_text(*dns));
    } else if (!probe.observation.address) {
        line = probe.observation.stage == probes::Stage::listener ? "listener" : "packets";
    } else {
        const bool is_tls = holds_alternative<probes::TlsFacts>(probe.observation.facts);
        const bool is_app = holds_alternative<probes::AppFacts>(probe.observation.facts);
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
    for (const JudgedFollowUp& test : verdict.follow_ups) {
        lines.push_back(outcome_line(test.probe));
    }
    for (const JudgedHold& hold : verdict.holds) {
        lines.push_back("tcp " + hold.connection.address.to_string() + " " + std::string(slug(hold.outcome)) +
                        ", does not count");
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

std::string end_text(probes::StreamEnd end) {
    return end == probes::StreamEnd::none ? "" : end == probes::StreamEnd::fin ? "fin" : "rst";
}

std::vector<std::string> ends(const Verdict& verdict) {
    std::vector<std::string> list;
    for (const JudgedProbe& probe : verdict.probes) {
        list.push_back(end_text(stream_end(probe.observation)));
    }
    for (const JudgedFollowUp& test : verdict.follow_ups) {
        list.push_back(end_text(stream_end(test.probe.observation)));
    }
    for (const JudgedHold& hold : verdict.holds) {
        list.push_back(end_text(stream_end(hold.connection.facts)));
    }
    return list;
}

std::vector<std::string> unexplained_facts(const Decision& decision) {
    std::vector<std::string> slugs;
    for (const Oddity* oddity : decision.unexplained) {
        slugs.emplace_back(slug(oddity->fact));
    }
    return slugs;
}

std::string all_texts(const Explanation& explanation) {
    std::string texts = explanation.summary + "\n";
    for (const std::string& line : explanation.evidence) {
        texts += line + "\n";
    }
    for (const std::string& step : explanation.steps) {
        texts += step + "\n";
    }
    for (const std::string& unexplained : explanation.unexplained) {
        texts += unexplained + "\n";
    }
    return texts;
}

void expect_verdict(const RecordedTarget& recorded, const Verdict& verdict) {
    const Expected& expected = recorded.expected;
    const std::string texts = all_texts(explain(*recorded.target, verdict));
    const Decision& decision = verdict.decision;
    std::vector<std::string> alternatives;
    for (const Cause cause : decision.alternatives) {
        alternatives.emplace_back(slug(cause));
    }
    EXPECT_EQ(verdict.healthy, expected.healthy);
    EXPECT_EQ(slug(decision.cause), expected.cause);
    EXPECT_EQ(slug(decision.severity), expected.severity);
    EXPECT_EQ(slug(decision.confidence), expected.confidence);
    EXPECT_EQ(alternatives, expected.alternatives);
    EXPECT_EQ(unexplained_facts(decision), expected.unexplained);
    if (expected.outcomes) {
        EXPECT_EQ(outcome_lines(verdict), *expected.outcomes);
    }
    if (expected.ends) {
        EXPECT_EQ(ends(verdict), *expected.ends);
    }
    EXPECT_EQ(fault_slugs(verdict), expected.faults);
    for (const std::string& text : expected.says) {
        EXPECT_NE(texts.find(text), std::string::npos) << "does not say: " << text;
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
void expect_honest(const config::Target& target, const Verdict& verdict) {
    const Explanation explanation = explain(target, verdict);
    const Decision& decision = verdict.decision;
    EXPECT_FALSE(decision.confidence == Confidence::high && !decision.alternatives.empty())
        << "certain although something else explains it as well";
    EXPECT_EQ(std::ranges::count(decision.alternatives, decision.cause), 0);
    EXPECT_EQ(decision.cause == Cause::healthy && !decision.row->warns,
              verdict.healthy && decision.severity == Severity::ok);
    EXPECT_TRUE(verdict.healthy || decision.cause != Cause::healthy);
    EXPECT_TRUE(verdict.healthy || decision.severity != Severity::ok);
    EXPECT_TRUE(!verdict.healthy || decision.severity != Severity::critical);
    EXPECT_FALSE(explanation.summary.empty());
    EXPECT_EQ(explanation.summary.find('\n'), std::string::npos);
    EXPECT_EQ(explanation.steps.empty(), verdict.healthy && decision.severity == Severity::ok);
    EXPECT_TRUE(!explanation.evidence.empty() || verdict.probes.empty());
    EXPECT_EQ(placeholder_in(all_texts(explanation)), "") << "a placeholder was not filled";
    for (const JudgedProbe& probe : verdict.probes) {
        const auto* dns = get_if<probes::DnsFacts>(&probe.observation.facts);
        EXPECT_EQ(probe.query_outcomes.size(), dns == nullptr ? 0 : dns->queries.size());
        EXPECT_TRUE(passes(probe.outcome) || !explanation.details.of(verdict, probe).empty())
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
        const RecordedTarget& target = recorded.targets.at(name);
        expect_verdict(target, verdict);
        expect_honest(*target.target, verdict);
        if (testing::Test::HasFailure()) {
            ADD_FAILURE() << slug(verdict.decision.cause) << ": "
                          << all_texts(explain(*target.target, verdict));
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
