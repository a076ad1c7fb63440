#include "daemon/followups/making.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "daemon/packets/flow_frames.hpp"
#include "probes/gather.hpp"

namespace whylink::daemon {
namespace {

using checks::PlannedFollowUp;
using probes::FollowUp;
using probes::Observation;
using Results = std::vector<Observation>;

/// What came of one of them.
struct Made {
    Results results;
    std::optional<Observation> acceptor;
    std::vector<probes::FollowedFlow> flows;
};

constexpr std::chrono::milliseconds min_wait{500};
/// What works is not to be called half broken for a packet that had to be sent again: RTOs of 200 and 400 ms.
constexpr std::chrono::milliseconds min_wait_of_passing{1000};

/// Stages that wait one after the other.
int stages_of(const PlannedFollowUp& planned) {
    if (!planned.name.empty()) {
        return planned.resolve_and_connect ? 2 : 1;
    }
    const bool listens = !planned.tls && planned.app == config::App::none && planned.settle.count() > 0;
    return 1 + (planned.tls ? 1 : 0) + (planned.app != config::App::none ? 1 : 0) + (listens ? 1 : 0);
}

/// Something near accepts every connection, and so at once; most controls are dropped, and nobody waits for that.
constexpr std::chrono::milliseconds control_wait{1000};

/// Of each stage.
std::chrono::milliseconds timeout_of(const FollowUpRound& round, const PlannedFollowUp& planned) {
    const auto left =
        std::chrono::floor<std::chrono::milliseconds>(round.until - std::chrono::steady_clock::now());
    const bool control = planned.kind == FollowUp::control_port || planned.kind == FollowUp::control_address;
    const auto most = control ? std::min(round.endpoint.timeout, control_wait) : round.endpoint.timeout;
    return std::min<std::chrono::milliseconds>(most, left / stages_of(planned));
}

bool lacks_context(const FollowUpRound& round, const PlannedFollowUp& planned) {
    const auto* context = std::get_if<probes::TlsContextPtr>(&round.tls);
    return planned.tls && (context == nullptr || *context == nullptr);
}

/// Of the same name, address and port, and no less protected: what is secret goes nowhere but where it was meant to go.
/// TLS 1.2 alone is not among them: whoever listens would see the client's certificate.
bool is_same_peer(const config::Endpoint& endpoint, const PlannedFollowUp& planned) {
    constexpr std::array kinds{FollowUp::proxy_v2,    FollowUp::small_segments,
                               FollowUp::repeat,      FollowUp::small_hello,
                               FollowUp::large_hello, FollowUp::large_hello_segments};
    return std::ranges::find(kinds, planned.kind) != kinds.end() && planned.port == endpoint.port &&
           planned.server_name == endpoint.tls.server_name &&
           planned.tls == (endpoint.tls.mode != config::TlsMode::off);
}

bool is_other_name(FollowUp kind) {
    return kind == FollowUp::other_name || kind == FollowUp::alias_name || kind == FollowUp::linked_name;
}

ConnectionPlan connection_of(const FollowUpRound& round, const PlannedFollowUp& planned) {
    ConnectionPlan plan = plan_of(round.endpoint, *planned.address);
    plan.port = planned.port;
    plan.timeout = timeout_of(round, planned);
    plan.proxy_header = planned.proxy_header;
    plan.max_segment = planned.max_segment;
    plan.tls = planned.tls;
    plan.server_name = planned.server_name;
    plan.hello = planned.hello;
    plan.tls12_only = planned.tls12_only;
    plan.settle = std::min(planned.settle, plan.timeout);
    plan.ask_acceptor = planned.ask_acceptor;
    plan.app.app = planned.app;
    plan.app.port = planned.port;
    plan.app.tls = planned.tls;
    if (plan.withhold == probes::Withheld::no && !is_same_peer(round.endpoint, planned)) {
        plan.withhold = probes::Withheld::other_peer;
    }
    if (is_other_name(planned.kind) && !planned.server_name.empty()) {
        plan.app.host = planned.server_name;
    }
    return plan;
}

/// What the kernel said of a connection that another test was made for.
std::optional<Observation> acceptor_of(const ConnectionResult& result) {
    const auto* facts = result.tcp ? get_if<probes::TcpFacts>(&result.tcp->facts) : nullptr;
    return facts != nullptr && facts->acceptor ? result.tcp : std::nullopt;
}

std::optional<Observation> last_stage(ConnectionResult result) {
    return result.app ? std::move(result.app) : result.tls ? std::move(result.tls) : std::move(result.tcp);
}

/// Of a repeat that had to send its SYN again the connect is of interest, whatever came of the rest.
bool tells_of_its_connect(const PlannedFollowUp& planned, const ConnectionResult& result) {
    const auto* tcp = result.tcp ? get_if<probes::TcpFacts>(&result.tcp->facts) : nullptr;
    const bool more = result.tls || result.app;
    return planned.kind == FollowUp::repeat && more && tcp != nullptr && tcp->info &&
           tcp->info->retransmits > 0;
}

/// The packets are kept; what is counted in the report is the ordinary connection's.
asio::awaitable<void> connect(const FollowUpRound& round, const PlannedFollowUp& planned, Made& made) {
    const Capturing nothing(nullptr);
    ConnectionResult result = co_await probe_connection(
        connection_of(round, planned), round.tls, round.capturing == nullptr ? nothing : *round.capturing);
    if (result.flow) {
        made.flows.push_back(std::move(*result.flow));
    }
    if (std::optional<Observation> acceptor = acceptor_of(result)) {
        made.acceptor = std::move(acceptor);
    }
    if (tells_of_its_connect(planned, result)) {
        made.results.push_back(*result.tcp);
    }
    if (std::optional<Observation> last = last_stage(std::move(result))) {
        made.results.push_back(std::move(*last));
    }
}

probes::NameRole role_of(FollowUp kind) {
    switch (kind) {
        case FollowUp::sibling_label:
            return probes::NameRole::random_label;
        case FollowUp::public_name:
            return probes::NameRole::public_host;
        default:
            return probes::NameRole::host;
    }
}

std::vector<IpAddress> answers_of(const probes::DnsFacts& dns) {
    std::vector<IpAddress> addresses = dns.hosts_file;
    for (const probes::DnsQuery& asked : dns.queries) {
        std::ranges::transform(asked.answers, std::back_inserter(addresses), &probes::DnsAnswer::address);
    }
    return addresses;
}

asio::awaitable<void> query(const FollowUpRound& round, const PlannedFollowUp& planned, Made& made) {
    config::Common common = round.endpoint;
    common.timeout = timeout_of(round, planned);
    if (planned.resolver) {
        common.resolvers = {*planned.resolver};
    }
    Question question{planned.name, role_of(planned.kind)};
    question.way = {planned.over_tcp, planned.checking_disabled};
    question.one_socket = planned.one_socket;
    if (planned.srv) {
        question.type = probes::RecordType::srv;
    }
    std::vector<Question> questions;
    questions.push_back(std::move(question));
    if (round.capturing == nullptr || !round.capturing->tap) {
        made.results = co_await ask(std::move(questions), common, round.endpoint.family, round.files);
        co_return;
    }
    DnsCapture capture{*round.capturing->tap,
                       [&round](const ResolverAddress& resolver) {
                           round.capturing->packets->expect_resolver(resolver.address, resolver.port);
                       },
                       {}};
    made.results = co_await ask(std::move(questions), common, round.endpoint.family, round.files, &capture);
    made.flows = std::move(capture.flows);
}

bool is_own(const FollowUpRound& round, const IpAddress& address) {
    return round.own_addresses != nullptr &&
           round.own_addresses->contains(address, OwnAddresses::Clock::now());
}

/// Where somebody else sends us, and nothing says that it is meant. A server of this host may well name itself.
bool leads_here(const FollowUpRound& round, const IpAddress& address) {
    const config::Endpoint& endpoint = round.endpoint;
    const bool own = is_own(round, address) && !(endpoint.address && is_own(round, *endpoint.address));
    return !contains(endpoint.expect, address) && (own || address_space(address) == AddressSpace::special);
}

/// Nothing is sent to an address that is none of another host's.
std::optional<IpAddress> first_usable(const FollowUpRound& round, const Results& queries) {
    for (const Observation& query : queries) {
        const auto* dns = get_if<probes::DnsFacts>(&query.facts);
        for (const IpAddress& address : dns == nullptr ? std::vector<IpAddress>() : answers_of(*dns)) {
            if (!leads_here(round, address)) {
                return address;
            }
        }
    }
    return std::nullopt;
}

/// The name first, and then a connection to one of its addresses.
asio::awaitable<void> follow(const FollowUpRound& round, const PlannedFollowUp& planned, Made& made) {
    co_await query(round, planned, made);
    PlannedFollowUp there = planned;
    there.address = first_usable(round, made.results);
    if (there.address) {
        co_await connect(round, there, made);
    }
}

/// What could not be made says nothing.
void add(FollowUp kind, const std::string& host, Results results, std::vector<probes::FollowUpTest>& tests) {
    for (Observation& result : results) {
        if (!result.local) {
            tests.push_back({kind, std::move(result), host});
        }
    }
}

}  // namespace

void keep_what_there_is_time_for(const FollowUpRound& round, std::vector<PlannedFollowUp>& plan) {
    std::erase_if(plan, [&](const PlannedFollowUp& planned) {
        // A name and then a connection: the first takes but a part of its time.
        const int shared = planned.resolve_and_connect ? 2 : 1;
        const bool passing = planned.pace != checks::Pace::failing;
        const auto enough = std::min<std::chrono::milliseconds>(
            round.endpoint.timeout, (passing ? min_wait_of_passing : min_wait) / shared);
        const bool incomplete = planned.name.empty() && !planned.address;
        return incomplete || lacks_context(round, planned) || timeout_of(round, planned) < enough;
    });
}

void leave_out_hops_to_this_host(const FollowUpRound& round, std::vector<PlannedFollowUp>& plan) {
    std::erase_if(plan, [&](const PlannedFollowUp& planned) {
        return planned.kind == FollowUp::next_hop && planned.address && leads_here(round, *planned.address);
    });
}

asio::awaitable<std::vector<probes::FollowUpTest>> make_follow_ups(const FollowUpRound& round,
                                                                   std::vector<PlannedFollowUp> plan,
                                                                   probes::KeptFrames& frames) {
    std::vector<Made> made(plan.size());
    std::vector<asio::awaitable<void>> tasks;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        tasks.push_back(plan[i].resolve_and_connect ? follow(round, plan[i], made[i])
                        : plan[i].name.empty()      ? connect(round, plan[i], made[i])
                                                    : query(round, plan[i], made[i]));
    }
    co_await probes::gather(std::move(tasks));
    if (round.capturing != nullptr && round.capturing->tap) {
        round.capturing->tap->drain();
    }
    std::vector<probes::FollowUpTest> tests;
    Results acceptors;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        for (probes::FollowedFlow& flow : made[i].flows) {
            frames.merge(described_frames(flow, slug(plan[i].kind)));
        }
        if (made[i].acceptor) {
            acceptors.push_back(std::move(*made[i].acceptor));
        }
        // What one of its own found is among the acceptors.
        if (plan[i].kind != FollowUp::local_acceptor) {
            add(plan[i].kind, plan[i].host, std::move(made[i].results), tests);
        }
    }
    add(FollowUp::local_acceptor, {}, std::move(acceptors), tests);
    co_return tests;
}

}  // namespace whylink::daemon
