// TLS: how a handshake ends, and what is wrong with certificates.
#include <utility>

#include "config_text.hpp"
#include "rows.hpp"

namespace whylink::netns_test {
namespace {

lab::TlsService service(const std::string& identity) {
    return certificates().service(identity);
}

lab::TlsService up_to(int version) {
    lab::TlsService tls = service("good");
    tls.max_version = version;
    return tls;
}

constexpr int tls1_1 = 0x0302;
constexpr int tls1_2 = 0x0303;

Row one(const std::string& name, const std::string& why, lab::StreamBehaviour behaviour, Expected expected,
        const std::string& more = "", const std::string& tls = "") {
    return {.name = "tls_" + name,
            .why = why,
            .resolvers = {{"{dns}", "db.corp.test A {a}"}},
            .servers = {{.address = "{a}", .port = 5432, .behaviour = std::move(behaviour)}},
            .config = secure(more, tls),
            .expected = std::move(expected)};
}

// The probe of the TLS stage has this outcome, and the round this cause.
Expected seen(const std::string& outcome, const std::string& cause, const std::string& at_most = "high") {
    return {.cause = cause, .at_most = at_most, .probes = {{"tcp", "{a}", "ok"}, {"tls", "{a}", outcome}}};
}

Row over_ipv6(Row row) {
    row.name.replace(0, std::string("tls").size(), "tls6");
    row.resolvers[0].zone = "db.corp.test AAAA {a6}";
    row.servers[0].address = "{a6}";
    for (auto& probe : row.expected.probes) {
        probe.where = "{a6}";
    }
    return row;
}

std::vector<Row> accepted() {
    const Expected healthy = seen("ok", "healthy");
    const Row good = one("good", "nothing is wrong", lab::speaks(service("good")), healthy);
    return {
        good,
        over_ipv6(good),
        one("1_2", "a server of TLS 1.2", lab::speaks(up_to(tls1_2)), healthy),
        one("client_certificate_sent", "a client certificate is required, and given",
            lab::speaks(certificates().service_for_clients()), healthy, "",
            "cert_file = \"{client_cert}\"\nkey_file = \"{client_key}\"\n"),
        one("unverified", "an expired certificate under verify = false", lab::speaks(service("expired")),
            healthy, "", "verify = false\n"),
        one("expiring", "the certificate ends in five days: healthy, with a warning",
            lab::speaks(service("expiring")),
            {.cause = "certificate_problem",
             .severity = "warning",
             .healthy = true,
             .probes = {{"tls", "{a}", "certificate_expiring"}}}),
    };
}

std::vector<Row> ended_before_a_byte() {
    const Expected generic = seen("pending_allowlist", "not_on_allowlist", "medium");
    Expected with_alternative = generic;
    with_alternative.alternatives = {"proxy_protocol_mismatch", "service_failing"};
    const Row reset =
        one("reset_after_hello", "RST after the ClientHello", lab::reset_after_read(), with_alternative);
    Row profile =
        one("reset_after_hello_profile", "the same from a service that is known to keep an allow-list",
            lab::reset_after_read(), seen("pending_allowlist", "not_on_allowlist"),
            "profile = \"clickhouse-azure\"\napp = \"none\"\n");
    profile.expected.at_least = "high";
    return {
        reset,
        over_ipv6(reset),
        profile,
        one("close_after_hello", "FIN after the ClientHello", lab::close_after_read(), generic),
        one("reset_at_accept", "RST before the ClientHello, perhaps before connect() returns",
            lab::reset_at_accept(),
            {.cause = "not_on_allowlist", .at_most = "medium", .probes = {{"", "{a}", "pending_allowlist"}}}),
        one("close_at_accept", "FIN before the ClientHello", lab::close_at_accept(), generic),
    };
}

std::vector<Row> ended_later() {
    const Expected reset = seen("reset_by_peer", "reset_mid_connection");
    const Expected closed = seen("closed_by_peer", "reset_mid_connection");
    return {
        one("reset_after_server_hello", "RST after the ServerHello",
            lab::stops_in_handshake(service("good"), 1, lab::Ending::reset), reset),
        one("close_after_server_hello", "FIN after the ServerHello",
            lab::stops_in_handshake(service("good"), 1, lab::Ending::close), closed),
        one("reset_after_server_hello_1_2", "the same under TLS 1.2",
            lab::stops_in_handshake(up_to(tls1_2), 1, lab::Ending::reset), reset),
        one("reset_after_handshake", "RST right after a TLS 1.3 handshake",
            lab::stops_after_handshake(service("good"), lab::Ending::reset), reset),
    };
}

std::vector<Row> silences() {
    Row mtu = one("large_packets_lost", "a router loses packets of more than 600 bytes",
                  lab::speaks(service("good")), seen("timeout", "path_mtu_black_hole"), impatient);
    mtu.router_rules = "forward ip saddr {a} meta length > 600 drop";
    // All of the server's flight is one such packet: no gap shows it lost, and one of several targets may hang instead.
    mtu.expected.at_least = "medium";
    mtu.expected.probes.push_back({"tls", "{a}", "ok", "small_segments"});
    lab::StreamBehaviour dripping =
        lab::greets(std::string("\x16\x03\x03\x3f\xff", 5) + std::string(200, 'x'));
    dripping.drip = std::chrono::milliseconds(50);
    const Row silent = one("silent", "accepted, and then nothing", lab::silent(),
                           seen("timeout", "backend_silent", "medium"), impatient);
    return {
        silent,
        over_ipv6(silent),
        mtu,
        one("silent_after_server_hello", "silence after the ServerHello",
            lab::stops_in_handshake(service("good"), 1, lab::Ending::hold),
            seen("timeout", "backend_silent", "medium"), impatient),
        one("drip", "a record that comes a byte at a time", dripping,
            seen("timeout", "backend_silent", "medium"), impatient),
    };
}

std::vector<Row> not_tls() {
    const auto wrong = [](const std::string& name, const std::string& why, lab::StreamBehaviour behaviour,
                          const std::string& evidence = "") {
        Expected expected = seen("not_tls", "wrong_service");
        if (!evidence.empty()) {
            expected.evidence = {evidence};
        }
        return one(name, why, std::move(behaviour), std::move(expected));
    };
    lab::StreamBehaviour ten_megabytes = lab::greets(std::string(65536, '#'));
    ten_megabytes.send_total = 10U << 20;
    lab::StreamBehaviour without_end = ten_megabytes;
    without_end.send_total = lab::endless;
    return {
        wrong("ssh", "an SSH server", lab::greets("SSH-2.0-OpenSSH_9.2\r\n"), "SSH"),
        wrong("http", "a web server without TLS", lab::replies("HTTP/1.1 400 Bad Request\r\n\r\n"), "HTTP"),
        wrong("redis", "Redis without TLS", lab::replies("-ERR unknown command\r\n"), "Redis"),
        wrong("smtp", "a mail server", lab::greets("220 mail.test ESMTP\r\n")),
        wrong("garbage", "bytes that are nothing", lab::replies(std::string("\x00\x9d\xff\x07garbage", 11))),
        wrong("ten_megabytes", "10 MB of text at once", ten_megabytes),
        wrong("endless", "text without end", without_end),
    };
}

std::vector<Row> broken() {
    // A ServerHello of TLS 1.2 that the client accepts: ECDHE-ECDSA-AES128-GCM-SHA256, renegotiation_info.
    std::string hello("\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03", 11);
    hello += std::string(32, 'r') + std::string("\x00\xc0\x2b\x00\x00\x05\xff\x01\x00\x01\x00", 11);
    // HelloRequests, which a client passes over during a handshake.
    const std::string request("\x16\x03\x03\x00\x04\x00\x00\x00\x00", 9);
    lab::StreamBehaviour too_much = lab::replies(hello);
    for (int i = 0; i < 160000; ++i) {
        too_much.send += request;
    }
    Expected unreadable = seen("unexpected_reply", "tls_incompatible", "medium");
    unreadable.alternatives = {"service_failing", "wrong_service"};
    Expected large = unreadable;
    large.evidence = {"handshake larger than this host accepts"};
    return {
        one("text_after_server_hello", "a proxy fails halfway, and says so in plain text",
            lab::replies(hello + "HTTP/1.1 502 Bad Gateway\r\n\r\n"), unreadable),
        one("garbage_after_server_hello", "a record that is nothing follows the ServerHello",
            lab::replies(hello + std::string("\x16\x03\x03\x00\x20", 5) + std::string(32, '\x7f')),
            unreadable),
        one("too_much_after_server_hello", "more than a megabyte of handshake", too_much, large),
    };
}

std::vector<Row> alerts() {
    constexpr std::uint8_t handshake_failure = 40;
    constexpr std::uint8_t protocol_version = 70;
    constexpr std::uint8_t insufficient_security = 71;
    constexpr std::uint8_t internal_error = 80;
    constexpr std::uint8_t certificate_required = 116;
    lab::TlsService old_cipher = up_to(tls1_2);
    old_cipher.ciphers = "ECDHE-ECDSA-NULL-SHA";
    // A ServerHello of TLS 1.1, whatever the client offered.
    std::string old_hello("\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02", 11);
    old_hello += std::string(32, 'r') + std::string("\x00\xc0\x09\x00", 4);
    return {
        one("alert_handshake_failure", "alert 40", lab::alerts(handshake_failure),
            seen("tls_alert", "tls_incompatible")),
        one("alert_protocol_version", "alert 70", lab::alerts(protocol_version),
            seen("tls_mismatch", "tls_incompatible")),
        one("alert_insufficient_security", "alert 71", lab::alerts(insufficient_security),
            seen("tls_mismatch", "tls_incompatible")),
        one("alert_internal_error", "alert 80", lab::alerts(internal_error),
            seen("tls_alert", "tls_incompatible")),
        one("alert_certificate_required", "alert 116", lab::alerts(certificate_required),
            seen("tls_alert", "client_certificate_required")),
        one("1_1", "a server that speaks no more than TLS 1.1", lab::speaks(up_to(tls1_1)),
            seen("tls_mismatch", "tls_incompatible")),
        one("1_3_wanted", "a server of TLS 1.2 under min_version = \"1.3\"", lab::speaks(up_to(tls1_2)),
            seen("tls_mismatch", "tls_incompatible"), "", "min_version = \"1.3\"\n"),
        one("old_server_hello", "the server chooses TLS 1.1, and this side refuses", lab::replies(old_hello),
            seen("tls_mismatch", "tls_incompatible")),
        one("no_cipher", "no cipher in common", lab::speaks(old_cipher),
            seen("tls_alert", "tls_incompatible")),
    };
}

std::vector<Row> client_certificates() {
    lab::TlsService older = certificates().service_for_clients();
    older.max_version = tls1_2;
    lab::TlsService optional = certificates().service_for_clients();
    optional.client_optional = true;
    Expected let_pass = seen("ok", "healthy");
    let_pass.at_least = "high";
    lab::TlsService silent = optional;
    silent.tickets = 0;
    Expected open = seen("ok", "healthy", "medium");
    open.alternatives = {"client_certificate_required"};
    open.evidence = {"asked for a client certificate, got none"};
    lab::TlsService untrusted = service("self_signed");
    untrusted.client_ca = older.client_ca;
    lab::TlsService untrusted_older = untrusted;
    untrusted_older.max_version = tls1_2;
    Expected withheld = seen("certificate_untrusted", "certificate_problem");
    withheld.evidence = {"the client certificate was not sent: the server's certificate did not verify"};
    const std::string given = "cert_file = \"{client_cert}\"\nkey_file = \"{client_key}\"\n";
    return {
        one("client_certificate_withheld", "a server that does not verify wants one, and is not shown it",
            lab::speaks(untrusted), withheld, "", given),
        one("client_certificate_withheld_1_2", "likewise, in TLS 1.2", lab::speaks(untrusted_older), withheld,
            "", given),
        one("client_certificate_optional", "asked for, missing, and the session tickets come all the same",
            lab::speaks(optional), let_pass),
        one("client_certificate_left_open", "asked for, missing, and nothing says whether that will do",
            lab::speaks(silent), open),
        one("client_certificate_missing", "TLS 1.3 refuses after the handshake",
            lab::speaks(certificates().service_for_clients()),
            seen("tls_alert", "client_certificate_required")),
        one("client_certificate_missing_1_2", "TLS 1.2 refuses within it", lab::speaks(older),
            seen("tls_alert", "client_certificate_required")),
    };
}

std::vector<Row> bad_certificates() {
    const auto bad = [](const std::string& identity, const std::string& why, const std::string& outcome,
                        const std::string& cause) {
        return one(identity, why, lab::speaks(service(identity)), seen(outcome, cause));
    };
    const Row expired =
        bad("expired", "expired three days ago", "certificate_expired", "certificate_problem");
    return {
        expired,
        over_ipv6(expired),
        bad("not_yet_valid", "valid from tomorrow", "certificate_not_yet_valid", "certificate_problem"),
        bad("other_name", "the certificate of another host", "certificate_name_mismatch", "wrong_service"),
        bad("unknown_ca", "of a CA that is not trusted", "certificate_untrusted", "certificate_problem"),
        bad("self_signed", "self-signed", "certificate_untrusted", "certificate_problem"),
        bad("without_intermediate", "the intermediate CA is not sent", "certificate_untrusted",
            "certificate_problem"),
        bad("expired_other_name", "expired, and of another host: the name comes first",
            "certificate_name_mismatch", "wrong_service"),
        bad("expired_unknown_ca", "expired, and of an unknown CA: the trust comes first",
            "certificate_untrusted", "certificate_problem"),
    };
}

std::vector<Row> several() {
    const auto by_name = [] {
        lab::StreamBehaviour gateway = lab::speaks(service("good"));
        gateway.by_name = {{"other.corp.test", lab::reset_after_read()}};
        return gateway;
    };
    const std::string zone = "db.corp.test A {a}\nother.corp.test A {a}\n";
    const std::string other =
        "[[endpoint]]\nname = \"other\"\nhost = \"other.corp.test\"\nport = 5432\n"
        "tls = { ca_file = \"{ca}\" }\n";
    Row reset = one("one_name_reset", "a gateway resets one name and serves another on the same address",
                    by_name(), seen("pending_allowlist", "not_on_allowlist", "medium"));
    reset.resolvers = {{"{dns}", zone}};
    reset.config += other;
    reset.target = "other";
    Row served = reset;
    served.name = "tls_one_name_served";
    served.target = "t";
    served.expected = seen("ok", "healthy");
    served.expected.exit_status = 1;
    Row second = one("second_address_expired", "one address serves an expired certificate",
                     lab::speaks(service("good")), {.cause = "one_address_failing", .severity = "warning"});
    second.resolvers = {{"{dns}", "db.corp.test A {a}\ndb.corp.test A {b}"}};
    second.servers.push_back({.address = "{b}", .port = 5432, .behaviour = lab::speaks(service("expired"))});
    second.expected.probes = {{"tls", "{a}", "ok"}, {"tls", "{b}", "certificate_expired"}};
    Row both = second;
    both.name = "tls_two_addresses_expired";
    both.why = "both addresses serve an expired certificate: one cause for both";
    both.servers[0].behaviour = lab::speaks(service("expired"));
    both.expected = {
        .cause = "certificate_problem",
        .probes = {{"tls", "{a}", "certificate_expired"}, {"tls", "{b}", "certificate_expired"}}};
    return {reset, served, second, both};
}

}  // namespace

std::vector<Row> tls_rows() {
    std::vector<Row> rows;
    for (auto& part : {accepted(), ended_before_a_byte(), ended_later(), silences(), not_tls(), broken(),
                       alerts(), client_certificates(), bad_certificates(), several()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
