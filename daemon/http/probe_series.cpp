#include "daemon/http/probe_series.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "checks/stages/tls/path.hpp"
#include "daemon/http/exposition.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon::http {
namespace {

using checks::JudgedProbe;
using checks::Outcome;
using probes::DnsFacts;
using probes::Stage;

using enum Outcome;
constexpr std::array by_badness{
    ok,
    certificate_expiring,
    local_error,
    // The application answered.
    forbidden,
    unexpected_reply,
    // The handshake was complete, or would have been.
    certificate_not_yet_valid,
    certificate_expired,
    certificate_untrusted,
    certificate_name_mismatch,
    tls_alert,
    tls_mismatch,
    not_tls,
    // The connection was up.
    closed_by_peer,
    reset_by_peer,
    pending_allowlist,
    // The resolver answered: with the wrong thing, with nothing, with an error.
    unexpected_address,
    public_address,
    nodata,
    nxdomain,
    query_refused,
    servfail,
    bad_response,
    // Nobody served us.
    not_listening,
    refused,
    prohibited,
    unreachable,
    timeout,
};

constexpr auto badness = [] {
    std::array<std::uint8_t, by_badness.size()> ranks{};
    for (std::size_t i = 0; i < by_badness.size(); ++i) {
        ranks.at(static_cast<std::size_t>(by_badness.at(i))) = static_cast<std::uint8_t>(i);
    }
    return ranks;
}();

constexpr bool each_outcome_once() {
    for (std::size_t i = 0; i < by_badness.size(); ++i) {
        if (static_cast<std::size_t>(by_badness.at(badness.at(i))) != i) {
            return false;
        }
    }
    return by_badness.size() == count_of<Outcome>;
}
static_assert(each_outcome_once());

/// As ProbeSeries has it; nothing for what has no series.
std::optional<std::string> place_of(const probes::Observation& observation) {
    if (const auto* dns = get_if<DnsFacts>(&observation.facts)) {
        return "," + label("resolver", resolver_text(*dns));
    }
    if (observation.address) {
        return "," + label("address", observation.address->to_string());
    }
    const bool of_watch = observation.stage == Stage::listener || observation.stage == Stage::packets;
    return of_watch ? std::optional<std::string>("") : std::nullopt;
}

std::optional<std::chrono::system_clock::time_point> earliest_end(const probes::Observation& observation) {
    const auto* tls = get_if<probes::TlsFacts>(&observation.facts);
    if (tls == nullptr || tls->chain.empty()) {
        return std::nullopt;
    }
    // Whatever the time is: the metric shows what has ended, too.
    const auto first = checks::first_to_end(*tls, std::chrono::system_clock::time_point::min());
    return first ? std::optional(first->certificate->not_after) : std::nullopt;
}

ProbeSeries series_of(const JudgedProbe& probe, std::string place) {
    ProbeSeries series;
    series.stage = probe.observation.stage;
    series.place = std::move(place);
    series.outcome = probe.outcome;
    if (!probe.observation.local) {
        series.slowest = probe.observation.took;
    }
    series.not_after = earliest_end(probe.observation);
    return series;
}

void merge(ProbeSeries& into, const ProbeSeries& other) {
    if (is_worse(other.outcome, into.outcome)) {
        into.outcome = other.outcome;
    }
    // An absent value compares less than any.
    into.slowest = std::max(into.slowest, other.slowest);
    if (other.not_after && (!into.not_after || *other.not_after < *into.not_after)) {
        into.not_after = other.not_after;
    }
}

struct Gathered {
    bool counts = false;
    ProbeSeries series;
};

void add(const JudgedProbe& probe, std::string place, std::vector<Gathered>& all) {
    Gathered made{probe.counts, series_of(probe, std::move(place))};
    const auto known = std::ranges::find_if(all, [&made](const Gathered& other) {
        return other.series.stage == made.series.stage && other.series.place == made.series.place;
    });
    if (known == all.end()) {
        all.push_back(std::move(made));
    } else if (known->counts == made.counts) {
        merge(known->series, made.series);
    } else if (made.counts) {
        *known = std::move(made);
    }
}

}  // namespace

bool is_worse(Outcome outcome, Outcome than) {
    return badness.at(static_cast<std::size_t>(outcome)) > badness.at(static_cast<std::size_t>(than));
}

std::vector<ProbeSeries> probe_series(const checks::Verdict& verdict,
                                      std::span<const IpAddress> without_series) {
    std::vector<Gathered> all;
    all.reserve(verdict.probes.size());
    for (const JudgedProbe& probe : verdict.probes) {
        const std::optional<IpAddress>& address = probe.observation.address;
        if (address && std::ranges::binary_search(without_series, *address)) {
            continue;
        }
        if (auto place = place_of(probe.observation)) {
            add(probe, std::move(*place), all);
        }
    }
    std::vector<ProbeSeries> result;
    result.reserve(all.size());
    for (Gathered& gathered : all) {
        result.push_back(std::move(gathered.series));
    }
    return result;
}

}  // namespace whylink::daemon::http
