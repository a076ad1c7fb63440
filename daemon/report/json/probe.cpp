#include "daemon/report/json/probe.hpp"

#include <string_view>
#include <variant>

#include "checks/explain/text.hpp"
#include "daemon/report/human/text.hpp"
#include "daemon/report/json/packets.hpp"
#include "daemon/report/json/parts.hpp"
#include "daemon/report/probe_view.hpp"

namespace whylink::daemon {
namespace {

using json::add_if;
using json::Json;
using json::seconds;
using probes::AppFacts;
using probes::DnsFacts;
using probes::TcpFacts;
using probes::TlsFacts;

Json addresses_json(const std::vector<IpAddress>& addresses) {
    Json array = Json::array();
    for (const IpAddress& address : addresses) {
        array.push_back(address.to_string());
    }
    return array;
}

Json names_json(const std::vector<std::string>& names) {
    Json array = Json::array();
    for (const std::string& name : names) {
        array.push_back(valid_utf8(name));
    }
    return array;
}

Json outcomes_json(const std::vector<checks::Outcome>& outcomes) {
    Json array = Json::array();
    for (const checks::Outcome outcome : outcomes) {
        array.push_back(slug(outcome));
    }
    return array;
}

void add_icmp(Json& object, const std::optional<probes::IcmpError>& icmp) {
    if (icmp) {
        object["icmp"] = json::icmp_json(*icmp);
    }
}

/// What the server said first, in printable ASCII.
void add_first_bytes(Json& object, const std::string& bytes) {
    if (!bytes.empty()) {
        object["first_bytes"] = escaped_bytes(bytes);
    }
}

// ---- dns ----

Json query_json(const probes::DnsQuery& query, std::optional<checks::Outcome> outcome) {
    Json object = {{"type", slug(query.type)}};
    object["rcode"] = query.rcode ? Json(checks::rcode_text(*query.rcode)) : Json(nullptr);
    if (outcome) {
        object["outcome"] = slug(*outcome);
    }
    object["duration_seconds"] = seconds(query.took);
    object["answers"] = query.answers.size();
    add_if(object, "sent", query.sent);
    add_if(object, "truncated", query.truncated);
    add_if(object, "over_tcp", query.over_tcp);
    add_if(object, "without_edns", query.without_edns);
    add_if(object, "bad_replies", query.bad_replies);
    add_if(object, "bad_reply", query.bad_reply);
    add_if(object, "timed_out", query.timed_out);
    add_if(object, "errno", query.error);
    add_icmp(object, query.icmp);
    return object;
}

void add_dns(Json& object, const DnsFacts& facts, const std::vector<checks::Outcome>& outcomes) {
    Json queries = Json::array();
    for (std::size_t i = 0; i < facts.queries.size(); ++i) {
        queries.push_back(
            query_json(facts.queries[i], i < outcomes.size() ? std::optional(outcomes[i]) : std::nullopt));
    }
    object["role"] = slug(facts.role);
    object["queries"] = std::move(queries);
    Json answers = Json::array();
    for (const probes::DnsAnswer& answer : answers_of(facts)) {
        answers.push_back({{"address", answer.address.to_string()}, {"ttl", answer.ttl}});
    }
    object["answers"] = std::move(answers);
    object["cnames"] = names_json(cnames_of(facts));
    if (!facts.hosts_file.empty()) {
        object["hosts_file"] = addresses_json(facts.hosts_file);
    }
}

// ---- tcp ----

void add_tcp(Json& object, const TcpFacts& facts) {
    add_if(object, "errno", facts.error != 0 ? facts.error : facts.end_error);
    add_if(object, "timed_out", facts.timed_out);
    add_if(object, "no_route", facts.no_route);
    add_icmp(object, facts.icmp);
    if (facts.info) {
        object["rtt_seconds"] = seconds(facts.info->rtt);
        object["mss"] = facts.info->send_mss;
        object["receive_mss"] = facts.info->receive_mss;
        object["retransmits"] = facts.info->retransmits;
    }
    if (facts.local_address) {
        object["local_address"] = facts.local_address->to_string();
        object["local_port"] = facts.local_port;
    }
    add_if(object, "proxy_header", facts.proxy_header);
    add_if(object, "max_segment", facts.max_segment);
    add_if(object, "end", facts.end);
    if (facts.connected && !facts.has_tls && !facts.has_app) {
        object["watched_seconds"] = seconds(facts.watched);
        object["bytes_received"] = facts.bytes_received;
    }
    add_first_bytes(object, facts.first_bytes);
}

// ---- tls ----

Json alert_json(const probes::TlsAlert& alert) {
    return {{"name", alert_name(alert.description)},
            {"code", alert.description},
            {"level", alert.level == 1 ? "warning" : "fatal"},
            {"direction", alert.sent_by_us ? "sent" : "received"}};
}

Json certificate_json(const probes::Certificate& certificate) {
    Json names = names_json(certificate.dns_names);
    for (const IpAddress& address : certificate.addresses) {
        names.push_back(address.to_string());
    }
    Json object = {{"subject", valid_utf8(certificate.subject)},
                   {"issuer", valid_utf8(certificate.issuer)},
                   {"names", std::move(names)},
                   {"not_before", rfc3339(certificate.not_before)},
                   {"not_after", rfc3339(certificate.not_after)}};
    add_if(object, "self_issued", certificate.self_issued);
    return object;
}

Json handshake_json(const TlsFacts& facts) {
    Json object = {{"progress", slug(facts.progress)}};
    add_if(object, "server_name", facts.server_name);
    add_if(object, "version", facts.version);
    add_if(object, "cipher", facts.cipher);
    add_if(object, "group", facts.group);
    add_if(object, "alpn", facts.alpn);
    object["verified"] = facts.verified;
    add_if(object, "client_certificate_requested", facts.client_certificate_requested);
    add_if(object, "client_certificate_sent", facts.client_certificate_sent);
    add_if(object, "refused_by_us", facts.refused_by_us);
    add_if(object, "oversized", facts.oversized);
    add_if(object, "ended_before_hello", facts.ended_before_hello);
    add_if(object, "library_error", facts.library_error);
    if (facts.progress == probes::TlsProgress::complete) {
        object["handshake_seconds"] = seconds(facts.handshake_took);
        object["watched_seconds"] = seconds(facts.watched);
        object["message_after_handshake"] = facts.message_after_handshake;
    }
    for (const probes::TlsAlert& alert : facts.alerts) {
        object["alerts"].push_back(alert_json(alert));
    }
    for (const probes::VerifyFault& fault : facts.verify_faults) {
        object["verify_faults"].push_back(
            {{"code", fault.code}, {"depth", fault.depth}, {"text", valid_utf8(fault.text)}});
    }
    for (const probes::Certificate& certificate : facts.chain) {
        object["chain"].push_back(certificate_json(certificate));
    }
    return object;
}

void add_tls(Json& object, const TlsFacts& facts) {
    add_if(object, "end", facts.end);
    add_if(object, "errno", facts.error);
    add_if(object, "timed_out", facts.timed_out);
    object["bytes_sent"] = facts.bytes_sent;
    object["bytes_received"] = facts.bytes_received;
    if (facts.bytes_received > 0 && !facts.first_bytes_are_tls) {
        add_first_bytes(object, facts.first_bytes);
    }
    object["tls"] = handshake_json(facts);
}

// ---- app ----

void add_app(Json& object, const AppFacts& facts) {
    object["protocol"] = valid_utf8(facts.protocol);
    add_if(object, "over_tls", facts.over_tls);
    add_if(object, "reply", facts.reply);
    if (facts.status) {
        object["status"] = *facts.status;
    }
    add_if(object, "said", escaped_bytes(facts.said));
    add_if(object, "server", escaped_bytes(facts.server));
    add_if(object, "end", facts.end);
    add_if(object, "errno", facts.error);
    add_if(object, "timed_out", facts.timed_out);
    object["bytes_sent"] = facts.bytes_sent;
    object["bytes_received"] = facts.bytes_received;
    add_first_bytes(object, facts.first_bytes);
    if (facts.first_byte_after) {
        object["first_byte_seconds"] = seconds(*facts.first_byte_after);
    }
    for (const probes::TlsAlert& alert : facts.alerts) {
        object["alerts"].push_back(alert_json(alert));
    }
    add_if(object, "library_error", facts.library_error);
}

// ---- a connection held idle ----

void add_hold(Json& object, const probes::HoldFacts& facts) {
    object["wanted_seconds"] = seconds(facts.wanted);
    object["idle_seconds"] = seconds(facts.idle);
    object["ended_while_idle"] = facts.ended_while_idle;
    object["used"] = facts.used;
    object["answered"] = facts.answered;
    if (facts.answered) {
        object["answered_seconds"] = seconds(facts.answered_after);
    }
    add_if(object, "end", facts.end);
    add_if(object, "errno", facts.error);
}

// ----

void add_target(Json& object, const probes::Observation& observation) {
    const auto* dns = std::get_if<DnsFacts>(&observation.facts);
    if (observation.stage == probes::Stage::dns && dns != nullptr) {
        object["target"] = valid_utf8(dns->name);
        object["resolver"] = resolver_text(*dns);
    } else {
        if (observation.address) {
            object["address"] = observation.address->to_string();
        }
        object["port"] = observation.port;
    }
}

void add_facts(Json& object, const checks::JudgedProbe& probe) {
    const probes::Facts& facts = probe.observation.facts;
    if (const auto* dns = std::get_if<DnsFacts>(&facts)) {
        add_dns(object, *dns, probe.query_outcomes);
    } else if (const auto* tcp = std::get_if<TcpFacts>(&facts)) {
        add_tcp(object, *tcp);
    } else if (const auto* tls = std::get_if<TlsFacts>(&facts)) {
        add_tls(object, *tls);
    } else if (const auto* app = std::get_if<AppFacts>(&facts)) {
        add_app(object, *app);
    } else if (probe.observation.local) {
        // Nobody looked: zeros would say that nothing was there.
    } else if (const auto* listener = std::get_if<probes::ListenerFacts>(&facts)) {
        add_listener(object, *listener);
    } else if (const auto* traffic = std::get_if<probes::TrafficFacts>(&facts)) {
        add_traffic(object, *traffic);
    }
}

void add_local(Json& object, const std::optional<probes::LocalError>& local) {
    if (!local) {
        return;
    }
    Json error = {{"operation", valid_utf8(local->operation)}, {"text", valid_utf8(local->text)}};
    add_if(error, "errno", local->error);
    object["local_error"] = std::move(error);
}

template <class Made>
void add_times(Json& object, const Made& made) {
    object["started_at"] = rfc3339(made.started);
    object["duration_seconds"] = seconds(made.took);
}

/// `experiment`: which follow-up test it is; empty: none.
Json any_probe_json(const checks::JudgedProbe& probe, const std::string& experiment,
                    const std::string& detail) {
    const probes::Observation& observation = probe.observation;
    Json object = {{"stage", slug(observation.stage)}};
    add_target(object, observation);
    object["outcome"] = slug(probe.outcome);
    add_if(object, "experiment", experiment);
    add_times(object, observation);
    add_if(object, "detail", detail);
    if (!probe.faults.empty()) {
        object["faults"] = outcomes_json(probe.faults);
    }
    object["counts"] = probe.counts;
    add_local(object, observation.local);
    add_facts(object, probe);
    return object;
}

}  // namespace

Json probe_json(const checks::JudgedProbe& probe, const std::string& detail) {
    return any_probe_json(probe, {}, detail);
}

Json probe_json(const checks::JudgedFollowUp& test, const std::string& detail) {
    return any_probe_json(test.probe, std::string(slug(test.kind)), detail);
}

Json probe_json(const checks::JudgedHold& hold, const std::string& detail) {
    const probes::HeldConnection& held = hold.connection;
    Json object = {{"stage", "tcp"}, {"address", held.address.to_string()}, {"port", held.port}};
    object["outcome"] = slug(hold.outcome);
    object["experiment"] = probes::hold_slug;
    add_times(object, held);
    add_if(object, "detail", detail);
    object["counts"] = false;
    add_local(object, held.local);
    if (!held.local) {
        add_hold(object, held.facts);
    }
    return object;
}

}  // namespace whylink::daemon
