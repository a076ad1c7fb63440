// Experiments: after which facts which further connection or query tells the causes apart. A table as data;
// what is to be done is planned here, purely, and done by the daemon layer. Their results come back as
// observations with `experiment` set, and summarise_experiments() makes facts of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/judge.hpp"
#include "checks/table/facts.hpp"
#include "config/config.hpp"
#include "probes/round.hpp"

namespace whylink::checks {

/// At most so many of a round.
inline constexpr std::size_t most_experiments = 4;

/// What the results of an experiment add.
struct ExperimentFacts {
    probes::FollowUp experiment;
    Fact answered;             ///< when it gets further than the ordinary probe did
    std::optional<Fact> same;  ///< when it fails just the same; absent: that says nothing
};

/// In the order of the enumeration.
std::span<const ExperimentFacts> experiment_facts();

/// `when` speaks of what one address shows, of the names, or of the target; all that is about an address must
/// hold of the same one.
struct ExperimentRow {
    probes::FollowUp experiment;
    FactSet when;    ///< all of these hold
    FactSet unless;  ///< and none of these
    /// For people: "not on the allow-list ↔ the server waits for a PROXY header".
    std::string_view tells_apart;
};

/// In the order in which they are made when not all can be.
std::span<const ExperimentRow> experiment_rows();

/// One connection or query to be made.
struct PlannedExperiment {
    probes::FollowUp experiment = probes::FollowUp::proxy_v2;
    // A connection:
    std::optional<IpAddress> address;
    std::uint16_t port = 0;
    probes::ProxyHeaderSent proxy_header = probes::ProxyHeaderSent::none;
    unsigned max_segment = 0;             ///< 0: as the path has it
    bool tls = false;                     ///< a handshake follows, before the application
    std::string server_name;              ///< its SNI; empty: none
    config::App app = config::App::none;  ///< spoken to, when not `none`
    std::chrono::milliseconds settle{0};  ///< tls and app off: how long it is listened to
    // A query:
    std::string name;                          ///< asked for; empty: it is a connection
    std::optional<config::Resolver> resolver;  ///< absent: those of the endpoint
};

/// What an endpoint's failed round calls for, at most `most_experiments`; empty for what is healthy, for
/// `experiments = false`, and for zones and watches. `random_label` is fresh, and no name that exists.
std::vector<PlannedExperiment> plan_experiments(const config::Endpoint& endpoint, const Assessment& round,
                                                std::string_view random_label);

/// What the results add.
FactSet summarise_experiments(const config::Target& target, const Assessment& round);

/// Facts that were ambiguous until an experiment explained them; what it added stands in their place. An
/// address that fails in another way keeps its own.
FactSet explained_by_experiments(const config::Target& target, const Assessment& round);

/// One line for each, with what it showed; `details` as in Details.
std::vector<std::string> experiment_evidence(const Assessment& round, std::span<const std::string> details);

}  // namespace whylink::checks
