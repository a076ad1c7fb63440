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
#include "probes/observation.hpp"

namespace whylink::checks {

enum class Experiment : std::uint8_t {
    proxy_v2,        ///< the same, behind a PROXY v2 header (LOCAL)
    other_name,      ///< the same address, with a random other name of the zone
    small_segments,  ///< the handshake with a small maximum segment size
    plain_text,      ///< a plain-text first message of the application
    other_port,      ///< another port of the profile at the same address
    other_address,   ///< an address of `expect` that DNS did not give
    read_on,         ///< what the server says to one who only listens, or to the application's first message
    no_name,         ///< the handshake without SNI
    alias_name,      ///< the handshake with the CNAME's name
    other_resolver,  ///< a resolver that is not configured: this VM's own, or the cloud's
    sibling_label,   ///< a random name of the same zone
    public_name,     ///< the public name that belongs to the host
    repeat,          ///< the very same once more: a control, for what comes and goes fools every comparison
};

/// The slugs are those of reports and metrics.
consteval auto vocabulary(Experiment) {
    using enum Experiment;
    return terms<Experiment>({
        {proxy_v2, "proxy_v2"},
        {other_name, "other_name"},
        {small_segments, "small_segments"},
        {plain_text, "plain_text"},
        {other_port, "other_port"},
        {other_address, "other_address"},
        {read_on, "read_on"},
        {no_name, "no_name"},
        {alias_name, "alias_name"},
        {other_resolver, "other_resolver"},
        {sibling_label, "sibling_label"},
        {public_name, "public_name"},
        {repeat, "repeat"},
    });
}

/// At most so many of a round.
inline constexpr std::size_t most_experiments = 4;

/// What the results of an experiment add.
struct ExperimentFacts {
    Experiment experiment;
    Fact answered;             ///< when it gets further than the ordinary probe did
    std::optional<Fact> same;  ///< when it fails just the same; absent: that says nothing
};

/// In the order of the enumeration.
std::span<const ExperimentFacts> experiment_facts();

/// `when` speaks of what one address shows, of the names, or of the target; all that is about an address must
/// hold of the same one.
struct ExperimentRow {
    Experiment experiment;
    FactSet when;    ///< all of these hold
    FactSet unless;  ///< and none of these
    /// For people: "not on the allow-list ↔ the server waits for a PROXY header".
    std::string_view tells_apart;
};

/// In the order in which they are made when not all can be.
std::span<const ExperimentRow> experiment_rows();

/// One connection or query to be made.
struct PlannedExperiment {
    Experiment experiment = Experiment::proxy_v2;
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

/// What the results add; `probes` are all of the round, the experiments among them.
FactSet summarise_experiments(const config::Target& target, std::span<const JudgedProbe> probes);

/// Facts that were ambiguous until an experiment explained them; what it added stands in their place. An
/// address that fails in another way keeps its own.
FactSet explained_by_experiments(const config::Target& target, std::span<const JudgedProbe> probes,
                                 std::span<const probes::Observation> packets);

/// One line for each, with what it showed.
std::vector<std::string> experiment_evidence(std::span<const JudgedProbe> probes);

}  // namespace whylink::checks
