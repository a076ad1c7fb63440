#include "daemon/commands/save.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <variant>
#include <vector>

#include "config/entry.hpp"
#include "daemon/report/human/text.hpp"

namespace whylink::daemon {
namespace {

namespace fs = std::filesystem;

std::string absolute(const std::string& file) {
    std::error_code error;
    const fs::path path = file.empty() ? fs::path() : fs::absolute(file, error);
    return error ? file : path.string();
}

const probes::AppFacts* app_facts(const checks::Verdict& verdict) {
    for (const checks::JudgedProbe& probe : verdict.probes) {
        if (const probes::AppFacts* app = probe.app()) {
            return app;
        }
    }
    return nullptr;
}

/// TLS that was only tried has shown what the service speaks.
void settle_tls(config::Endpoint& endpoint, const checks::Verdict& verdict) {
    if (endpoint.tls.mode != config::TlsMode::attempt) {
        return;
    }
    const bool plain = verdict.facts.contains(checks::Fact::plain_text_service);
    endpoint.tls.mode = plain ? config::TlsMode::off : config::TlsMode::required;
    const probes::AppFacts* app = app_facts(verdict);
    if (plain && app != nullptr && endpoint.app == config::App::none) {
        endpoint.app = from_slug<config::App>(app->protocol).value_or(config::App::none);
    }
}

/// The private ones that DNS gave; empty where `expect` is given already, or an answer is public.
std::vector<std::string> addresses_to_expect(const config::Endpoint& endpoint,
                                             const checks::Verdict& verdict) {
    std::vector<std::string> addresses;
    if (endpoint.address || !endpoint.expect.empty() || !verdict.healthy) {
        return addresses;
    }
    for (const checks::JudgedProbe& probe : verdict.probes) {
        const auto& address = probe.observation.address;
        if (!address) {
            continue;
        }
        if (address_space(*address) != AddressSpace::private_space) {
            return {};
        }
        if (std::string text = fmt::format("\"{}\"", address->to_string());
            std::ranges::find(addresses, text) == addresses.end()) {
            addresses.push_back(std::move(text));
        }
    }
    return addresses;
}

}  // namespace

std::string saved_entry(const ReportEntry& entry, const std::string& name) {
    config::Endpoint endpoint = *entry.target->endpoint();
    const checks::Verdict& verdict = *entry.verdict;
    const std::string heading =
        fmt::format("# whylink diagnose {}: {}\n", printable(endpoint.name), slug(verdict.decision.cause));
    endpoint.name = name;
    endpoint.tls.ca_file = absolute(endpoint.tls.ca_file);
    settle_tls(endpoint, verdict);
    std::string table = config::endpoint_entry(endpoint);
    if (const auto addresses = addresses_to_expect(endpoint, verdict); !addresses.empty()) {
        table.insert(
            table.find('\n') + 1,
            fmt::format(
                "# expect = [{}]  # uncomment if these addresses are right: whylink then detects wrong DNS answers\n",
                fmt::join(addresses, ", ")));
    }
    return heading + table;
}

}  // namespace whylink::daemon
