#include "daemon/commands/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "checks/table/cause.hpp"
#include "checks/table/outcome.hpp"
#include "checks/texts/causes.hpp"
#include "checks/texts/examples.hpp"
#include "config/nearest.hpp"
#include "daemon/commands/articles.hpp"
#include "daemon/http/metric_families.hpp"
#include "daemon/report/human/text.hpp"
#include "probes/round.hpp"

namespace whylink::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const HumanStyle plain{80, false, true};

std::string explained(std::string_view slug) {
    return explain(slug, plain).value_or("");
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

// ---- what the public contract names ----

constexpr std::array contract_outcomes{
    "ok",
    "timeout",
    "refused",
    "unreachable",
    "prohibited",
    "pending_allowlist",
    "reset_by_peer",
    "closed_by_peer",
    "nxdomain",
    "nodata",
    "servfail",
    "query_refused",
    "bad_response",
    "public_address",
    "unexpected_address",
    "tls_mismatch",
    "tls_alert",
    "not_tls",
    "certificate_name_mismatch",
    "certificate_untrusted",
    "certificate_expired",
    "certificate_not_yet_valid",
    "certificate_expiring",
    "unexpected_reply",
    "forbidden",
    "not_listening",
    "local_error",
};

constexpr std::array contract_causes{
    "healthy",
    "private_dns_missing",
    "private_dns_bypassed",
    "wrong_dns_record",
    "wildcard_missing",
    "wildcard_overridden",
    "resolvers_disagree",
    "resolver_rewrites",
    "resolver_unreachable",
    "resolver_failing",
    "syn_unanswered",
    "one_address_failing",
    "connection_refused",
    "path_prohibited",
    "local_firewall",
    "no_route",
    "not_on_allowlist",
    "reset_mid_connection",
    "reset_in_path",
    "backend_silent",
    "path_mtu_black_hole",
    "proxy_protocol_mismatch",
    "wrong_service",
    "service_failing",
    "certificate_problem",
    "tls_incompatible",
    "client_certificate_required",
    "access_forbidden",
    "no_inbound_traffic",
    "local_network_down",
    "local_limit",
    "intermittent",
    "local_interception",
    "filtered_in_path",
    "wrong_server_name",
    "private_zone_shadows",
    "dns_cache_stale",
    "connection_pending",
    "connection_rejected",
    "cloud_firewall",
    "backend_unhealthy",
    "service_stopped",
};

constexpr std::array contract_metrics{
    "whylink_healthy",
    "whylink_diagnosis",
    "whylink_diagnosis_confidence",
    "whylink_probe_outcome",
    "whylink_probe_last_duration_seconds",
    "whylink_probes_total",
    "whylink_probe_duration_seconds",
    "whylink_experiments_total",
    "whylink_tls_certificate_not_after_timestamp_seconds",
    "whylink_last_round_timestamp_seconds",
    "whylink_target_info",
    "whylink_scheduler_lag_seconds",
    "whylink_capture_up",
    "whylink_capture_packets_total",
    "whylink_capture_dropped_packets_total",
    "whylink_config_last_reload_successful",
    "whylink_config_last_reload_success_timestamp_seconds",
    "whylink_build_info",
    "whylink_state_since_timestamp_seconds",
    "whylink_control_reads_total",
    "whylink_connection_state",
    "whylink_history_up",
};

/// Stages, severities, confidences, ends; what the history calls a change; results of reads of the provider's API.
constexpr std::array contract_words{
    "dns",       "tcp",         "tls",         "app",       "listener", "packets", "warning", "critical",
    "high",      "medium",      "low",         "rst",       "fin",      "address", "cname",   "ttl",
    "resolvers", "certificate", "tls_version", "alpn",      "banner",   "mss",     "hops",    "host_address",
    "route",     "resolv_conf", "firewall",    "kernel",    "boot",     "clock",   "config",  "health",
    "cause",     "not_found",   "credentials", "throttled", "error",
};

TEST(Explain, TakesEverySlugOfTheContract) {
    const auto is_taken = [](std::string_view slug) {
        EXPECT_THAT(explained(slug), StartsWith(std::string(slug) + " (")) << slug;
    };
    std::ranges::for_each(contract_outcomes, is_taken);
    std::ranges::for_each(contract_causes, is_taken);
    std::ranges::for_each(contract_metrics, is_taken);
    std::ranges::for_each(contract_words, is_taken);
}

TEST(Explain, TakesEverySlugThatIsPrinted) {
    std::vector<std::string_view> printed = checks::example_slugs();
    const auto add = [&printed](const auto& slugs) {
        printed.insert(printed.end(), slugs.begin(), slugs.end());
    };
    add(slugs_of<checks::Severity>);
    add(slugs_of<checks::Confidence>);
    for (const http::MetricFamily& family : http::metric_families()) {
        printed.push_back(family.name);
    }
    for (const std::string_view slug : printed) {
        EXPECT_THAT(explained(slug), StartsWith(std::string(slug) + " (")) << slug;
    }
}

/// Keys that config::lint() warns at, and events that the daemon logs.
TEST(Explain, TakesTheKeysOfWarningsAndTheEventsOfTheLog) {
    for (const std::string_view key : {"host", "public_host", "zone", "private", "expect", "timeout",
                                       "interval", "port", "hold", "max_concurrent", "key_file"}) {
        EXPECT_THAT(explained(key), HasSubstr(std::string(key) + " (config warning)")) << key;
    }
    for (const std::string_view event :
         {"start", "stop", "reload", "change", "shared_change", "reminder", "experiment", "summary",
          "suppressed", "overload", "history", "accounts", "loop_stall", "capture", "limit", "config", "http",
          "defect"}) {
        EXPECT_THAT(explained(event), HasSubstr(std::string(event) + " (log event)")) << event;
    }
}

// ---- the list ----

TEST(Explain, ListsEverySlugInALineOfEightyColumns) {
    const std::vector<std::string> lines = lines_of(explain_all(plain));
    for (const std::string& line : lines) {
        EXPECT_LE(display_width(line), plain.width) << line;
    }
    const auto entries = std::ranges::count_if(lines, [](const std::string& line) {
        return line.starts_with("  ") && line.find_first_not_of(' ') == 2;
    });
    EXPECT_EQ(static_cast<std::size_t>(entries), explained_slugs().size());
    // What was wrapped is indented further.
    EXPECT_TRUE(std::ranges::none_of(lines, [](const std::string& line) { return line.starts_with("   "); }));
}

TEST(Explain, NoGroupOfTheListIsEmpty) {
    for (const ArticleGroup& group : article_groups()) {
        EXPECT_FALSE(group.articles.empty()) << group.heading;
    }
}

// ---- an article ----

TEST(Explain, ACauseHasAllItsParts) {
    const std::string text = explained("not_on_allowlist");
    std::size_t at = 0;
    for (const std::string_view heading :
         {"not_on_allowlist (cause): ", "\nWhat it means\n  ", "\nHow it looks on the wire\n    ",
          "\nHow it differs from look-alikes\n  ", "\nFix\n   1. ", "AWS: ", "Azure: ", "\nSee also\n  "}) {
        const std::size_t found = text.find(heading, at);
        EXPECT_NE(found, std::string::npos) << heading;
        at = found == std::string::npos ? at : found;
    }
    EXPECT_THAT(text, HasSubstr("whylink profiles NAME"));
}

TEST(Explain, NoPlaceholderIsLeft) {
    for (const checks::CauseText& row : checks::cause_texts()) {
        for (const ArticleGroup& group : article_groups()) {
            const auto article = std::ranges::find(group.articles, slug(row.cause), &Article::slug);
            if (article == group.articles.end()) {
                continue;
            }
            for (const Section& section : article->sections) {
                for (const std::string& step : section.steps) {
                    EXPECT_THAT(step, Not(HasSubstr("{"))) << article->slug;
                }
                EXPECT_THAT(section.text, Not(HasSubstr("{"))) << article->slug;
            }
        }
    }
}

TEST(Explain, ShowsTheExampleAsItStands) {
    const std::string text = explained("connection_refused");
    for (const std::string& line : checks::example("connection_refused")) {
        EXPECT_THAT(text, HasSubstr("\n    " + line + "\n"));
    }
}

TEST(Explain, WhatComesNextIsKnown) {
    const std::vector<std::string_view> known = explained_slugs();
    for (const ArticleGroup& group : article_groups()) {
        for (const Article& article : group.articles) {
            for (const Section& section : article.sections) {
                if (section.heading != "See also") {
                    continue;
                }
                std::istringstream list(section.text.substr(0, section.text.find(';')));
                for (std::string slug; std::getline(list >> std::ws, slug, ',');) {
                    EXPECT_THAT(known, testing::Contains(slug)) << article.slug;
                    EXPECT_NE(slug, article.slug);
                }
            }
        }
    }
}

TEST(Explain, SaysWhatAFollowUpTestShows) {
    const std::string text = explained("proxy_v2");
    EXPECT_THAT(text, StartsWith("proxy_v2 (follow-up test): "));
    EXPECT_THAT(text, HasSubstr("What it shows when it fails the same way\n"));
    EXPECT_THAT(explained("read_on"), Not(HasSubstr("the same way")));
}

TEST(Explain, SaysWhatAMetricMeans) {
    const std::string text = explained("whylink_probes_total");
    EXPECT_THAT(text, StartsWith("whylink_probes_total (metric): counter, probes\n"));
    EXPECT_THAT(text, HasSubstr("\nLabels\n  kind, name, stage, outcome\n"));
    EXPECT_THAT(text, HasSubstr("\nHow it looks\n    whylink_probes_total{"));
    EXPECT_THAT(text, HasSubstr("\nWhat to alert on\n  "));
    EXPECT_THAT(explained("whylink_rounds_total"), HasSubstr("\nLabels\n  none\n"));
}

TEST(Explain, WhatIsBuiltIsNotCalledPlanned) {
    for (const std::string_view slug :
         {"connection_pending", "whylink_control_reads_total", "ttl", "syn_unanswered"}) {
        EXPECT_THAT(explained(slug), Not(HasSubstr("Not built"))) << slug;
    }
}

TEST(Explain, ASlugOfTwoKindsHasBoth) {
    const std::string text = explained("timeout");
    EXPECT_THAT(text, StartsWith("timeout (outcome): "));
    EXPECT_THAT(text, HasSubstr("\n\ntimeout (config warning): "));
}

// ---- other words ----

TEST(Explain, KnowsNoOtherWord) {
    EXPECT_EQ(explain("nxdomian", plain), std::nullopt);
    EXPECT_EQ(explain("", plain), std::nullopt);
}

TEST(Explain, OnlyANearWordIsTakenForAMistake) {
    EXPECT_EQ(config::nearest("nxdomian", explained_slugs()).word, "nxdomain");
    EXPECT_TRUE(config::nearest("nxdomian", explained_slugs()).close);
    EXPECT_TRUE(config::nearest("whylink_healty", explained_slugs()).close);
    for (const std::string_view far : {"nosuch", "kubernetes", "whylink_temperature"}) {
        EXPECT_FALSE(config::nearest(far, explained_slugs()).close) << far;
    }
}

}  // namespace
}  // namespace whylink::daemon
