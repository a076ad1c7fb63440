// TLS in the field: names, certificates and ClientHellos as public reports have them.
#include <utility>

#include "config_text.hpp"
#include "rows.hpp"
#include "support/test_ca.hpp"

namespace whylink::netns_test {
namespace {

using std::chrono::hours;

lab::TestCa& field_ca() {
    static lab::TestCa ca("Field Root");
    return ca;
}

lab::TlsService service(lab::TestCa& ca, const lab::CertificateOptions& options) {
    const lab::IssuedCertificate issued = ca.issue(options);
    lab::TlsService made;
    made.certificate = issued.certificate;
    made.key = issued.key;
    return made;
}

lab::CertificateOptions named(const std::string& name) {
    lab::CertificateOptions options;
    options.common_name = name;
    options.dns_names = {name};
    return options;
}

// A server whose only certificate is for `name`, of the field's CA.
lab::StreamBehaviour certified(const std::string& name) {
    return lab::speaks(service(field_ca(), named(name)));
}

const std::string host = "db.corp.test";

Row one(const std::string& name, const std::string& why, lab::StreamBehaviour behaviour, Expected expected,
        const std::string& more = "", const std::string& tls = "") {
    const std::string asked =
        more.find("host = ") == std::string::npos ? host : more.substr(8, more.find('"', 8) - 8);
    return {.name = "field_" + name,
            .why = why,
            .resolvers = {{"{dns}", asked + " A {a}"}},
            .servers = {{.address = "{a}", .port = 5432, .behaviour = std::move(behaviour)}},
            .config = secure(more + "expect = [\"{a}\"]\n",
                             tls + (tls.find("ca_file") == std::string::npos
                                        ? "ca_file = \"" + field_ca().certificate_file() + "\"\n"
                                        : "")),
            .expected = std::move(expected)};
}

std::string host_key(const std::string& name) {
    return "host = \"" + name + "\"\n";
}

// ---- another name of the right server ----

const std::string private_name = "x.privatelink.mariadb.database.azure.com";
const std::string public_name = "x.mariadb.database.azure.com";

Expected other_name(const std::string& use, const std::string& at_least = "high") {
    return {.cause = "wrong_server_name",
            .at_most = at_least,
            .at_least = at_least,
            .evidence = {},
            .remediation = {use}};
}

std::vector<Row> other_names() {
    const std::string privatelink = host_key(private_name);
    lab::StreamBehaviour by_name = certified("default.provider.test");
    by_name.by_name = {{public_name, certified(public_name)}};
    lab::StreamBehaviour alerting = lab::alerts(112);
    alerting.by_name = {{public_name, certified(public_name)}};
    lab::StreamBehaviour resetting = lab::reset_after_read();
    resetting.by_name = {{public_name, certified(public_name)}};

    Row alias = one("own_alias", "a name of one's own, a CNAME to the server's",
                    certified("gw.provider.test"), other_name("gw.provider.test"));
    alias.resolvers = {{"{dns}", host + " CNAME gw.provider.test\ngw.provider.test A {a}"}};
    Row doubtful = alias;
    doubtful.name = "field_own_alias_unverified";
    doubtful.why = "the same without `expect`: the CNAME may be what is wrong";
    doubtful.config = secure("", "ca_file = \"" + field_ca().certificate_file() + "\"\n");
    doubtful.expected = other_name("gw.provider.test", "medium");
    doubtful.expected.alternatives = {"wrong_dns_record"};
    Row configured =
        one("public_host_certificate", "the certificate is for the configured public name",
            certified("db.public.test"), other_name("db.public.test"), "public_host = \"db.public.test\"\n");
    configured.resolvers = {{"{dns}", host + " A {a}\ndb.public.test A {public}"}};
    Row deep =
        one("wildcard_too_deep", "a wildcard covers one label, the host has two", certified("*.corp.test"),
            other_name("NAME.corp.test", "medium"), host_key("a.b.corp.test"));
    deep.expected.alternatives = {"wrong_service"};
    Row technical = one("endpoint_name", "the endpoint's technical name, which no service has",
                        certified("es.provider.test"), other_name("es.provider.test", "medium"),
                        host_key("vpce-0a1b-2c3d.vpce-svc-4e5f.eu-west-1.vpce.amazonaws.com"));
    technical.expected.alternatives = {"wrong_service"};
    Row inspected = one("privatelink_name_unknown_ca", "the public name, of a CA that is not trusted",
                        lab::speaks(service(field_ca(), named("*.mariadb.database.azure.com"))),
                        other_name(public_name, "medium"), privatelink, "ca_file = \"{ca}\"\n");
    inspected.expected.alternatives = {"certificate_problem"};
    Row reset = one("privatelink_name_reset", "Envoy ends a connection for a name that it does not serve",
                    resetting, other_name(public_name, "medium"), privatelink);
    reset.expected.alternatives = {"filtered_in_path", "not_on_allowlist"};
    return {
        one("privatelink_name", "asked by its privatelink name, which no certificate has",
            certified("*.mariadb.database.azure.com"), other_name(public_name), privatelink),
        one("privatelink_name_default_certificate",
            "the server has a default certificate for names that it does not know", by_name,
            other_name(public_name), privatelink),
        one("privatelink_name_alert", "alert 112 for the privatelink name", alerting, other_name(public_name),
            privatelink),
        reset,
        alias,
        doubtful,
        configured,
        one("server_name_misspelt", "the host is right, and `server_name` is not", certified(host),
            other_name(host), "", "server_name = \"dp.corp.test\"\n"),
        deep,
        technical,
        inspected,
        one("unlinked_name", "nothing links the certificate's name to the host of a known service",
            certified("mail.elsewhere.test"),
            {.cause = "wrong_service", .at_least = "high", .excluded = {"wrong_server_name"}}, privatelink),
        one("own_record", "a name of one's own, an A record for the endpoint",
            certified("*.database.provider.test"),
            {.cause = "wrong_service", .at_most = "medium", .alternatives = {"wrong_server_name"}}),
    };
}

// ---- each fault has its own first step ----

Expected faulty(const std::string& step, const std::string& evidence = "") {
    Expected expected{.cause = "certificate_problem", .at_least = "high", .remediation = {step}};
    if (!evidence.empty()) {
        expected.evidence = {evidence};
    }
    return expected;
}

lab::StreamBehaviour weak(lab::KeyType key, bool sha1) {
    lab::CertificateOptions options = named(host);
    options.key = key;
    options.sha1 = sha1;
    return lab::speaks(service(field_ca(), options));
}

// A ServerHello of TLS 1.2 that OpenSSL accepts but for the missing renegotiation_info (RFC 5746).
lab::StreamBehaviour without_rfc5746() {
    std::string hello("\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03", 11);
    hello += std::string(32, 'r') + std::string("\x00\xc0\x2b\x00", 4);
    return lab::replies(hello);
}

std::vector<Row> faults() {
    lab::TlsService clients = service(field_ca(), named(host));
    clients.client_ca = field_ca().certificate();
    clients.max_version = 0x0303;
    const lab::IssuedCertificate server_only = field_ca().issue_server("client of db");
    Row purpose =
        one("client_certificate_purpose", "a client certificate without the clientAuth purpose: alert 43",
            lab::speaks(clients),
            {.cause = "client_certificate_required", .at_least = "high", .remediation = {"clientAuth"}}, "",
            "cert_file = \"" + server_only.certificate_file + "\"\nkey_file = \"" + server_only.key_file +
                "\"\n");
    lab::TlsService h2 = service(field_ca(), named(host));
    h2.alpn = {"h2"};
    lab::CertificateOptions incomplete = named(host);
    incomplete.through_intermediate = true;
    incomplete.omit_intermediate = true;
    Row nat64 =
        one("nat64_without_route", "DNS64 gives an address behind a NAT64 that there is not", certified(host),
            {.cause = "one_address_failing",
             .severity = "warning",
             .probes = {{"tls", "{a}", "ok"}, {"tcp", "", "timeout"}},
             .remediation = {"NAT64"}},
            impatient);
    nat64.resolvers = {{"{dns}", host + " A {a}\n" + host + " AAAA 64:ff9b::{a}"}};
    nat64.client_ip = "route add 64:ff9b::/96 via fd77::1";
    nat64.router_rules = "forward ip6 daddr 64:ff9b::/96 drop\nprerouting ip6 daddr 64:ff9b::/96 drop";
    nat64.config = secure(impatient, "ca_file = \"" + field_ca().certificate_file() + "\"\n");
    return {
        one("rsa_1024", "an RSA key of 1024 bits: verification error 66", weak(lab::KeyType::rsa1024, false),
            faulty("2048 bits")),
        one("sha1", "signed with SHA-1: verification error 68", weak(lab::KeyType::p256, true),
            faulty("SHA-256")),
        one("missing_intermediate", "the intermediate is not sent: verification error 20",
            lab::speaks(service(field_ca(), incomplete)), faulty("intermediate certificate")),
        one("no_rfc5746", "a server without secure renegotiation", without_rfc5746(),
            {.cause = "tls_incompatible", .at_least = "high", .remediation = {"RFC 5746"}}),
        purpose,
        one("no_alpn_in_common", "alert 120: the server speaks h2 only", lab::speaks(h2),
            {.cause = "tls_incompatible", .remediation = {"tls.alpn"}}, "", "alpn = [\"x-other\"]\n"),
        nat64,
    };
}

// ---- what other clients refuse ----

Expected refused_elsewhere(const std::string& who) {
    return {.cause = "healthy", .at_least = "high", .severity = "warning", .summary = {who}};
}

lab::TlsService finite_field_only() {
    lab::CertificateOptions options = named(host);
    options.key = lab::KeyType::rsa2048;
    lab::TlsService tls = service(field_ca(), options);
    tls.max_version = 0x0303;
    tls.ciphers = "kDHE";
    return tls;
}

std::vector<Row> refused() {
    lab::CertificateOptions subject_only = named(host);
    subject_only.dns_names.clear();
    lab::CertificateOptions incomplete = named(host);
    incomplete.through_intermediate = true;
    incomplete.omit_intermediate = true;
    lab::TlsService old = service(field_ca(), named(host));
    old.max_version = 0x0302;
    lab::TlsService h2 = service(field_ca(), named(host));

    const std::string bundle = "{dir}/bundle.pem";
    const std::string both = field_ca().certificate() + field_ca().intermediate();
    Row held = one("intermediate_in_bundle", "`ca_file` has the intermediate that the server does not send",
                   lab::speaks(service(field_ca(), incomplete)), refused_elsewhere("intermediate"), "",
                   "ca_file = \"" + bundle + "\"\n");
    held.files = {{bundle, both}};
    Row store = held;
    store.name = "field_intermediate_in_store";
    store.why = "this host's store has the intermediate that the server does not send";
    store.config = "[defaults]\nresolvers = [\"{dns}\"]\n[[endpoint]]\nname = \"t\"\nhost = \"" + host +
                   "\"\nport = 5432\nexpect = [\"{a}\"]\n";
    store.under = {"env", "SSL_CERT_FILE=" + bundle};
    return {
        one("finite_field", "an old server that knows finite-field Diffie-Hellman only",
            lab::speaks(finite_field_only()), refused_elsewhere("finite-field Diffie-Hellman")),
        one("name_in_subject_only", "the name is in the CN only",
            lab::speaks(service(field_ca(), subject_only)), refused_elsewhere("browsers")),
        held,
        store,
        one("tls_1_1", "TLS 1.1, which min_version allows", lab::speaks(old), refused_elsewhere("TLS 1.1"),
            "", "min_version = \"1.0\"\n"),
        one("alpn_ignored", "ALPN is offered, and the server has none", lab::speaks(h2),
            refused_elsewhere("ALPN"), "", "alpn = [\"h2\"]\n"),
    };
}

// ---- a large ClientHello ----

// The payload of a segment without options but timestamps begins 32 bytes into TCP. What a device sees of a handshake
// record that does not fit one packet: its length.
const std::string split_hello = "forward ip daddr {a} tcp dport 5432 @th,256,8 0x16 @th,280,16 1400-16384 ";

std::vector<Row> large_hellos() {
    Row dropped = one("large_hello_dropped", "a firewall drops a ClientHello of two packets", certified(host),
                      refused_elsewhere("post-quantum"), impatient);
    dropped.router_rules = split_hello + "drop";
    Row reset = one("large_hello_reset", "a device resets a ClientHello of two packets", certified(host),
                    refused_elsewhere("post-quantum"), impatient);
    reset.router_rules = split_hello + "reject with tcp reset";
    Row lost =
        one("large_hello_full_packets", "full-sized packets to the server are lost, and its own are not",
            certified(host), refused_elsewhere("full-sized ClientHello is lost"), impatient);
    lost.router_rules = "forward ip daddr {a} meta length > 1450 drop";
    Row switched_off = dropped;
    switched_off.name = "field_large_hello_never";
    switched_off.why = "the same under `large_hello = \"never\"`";
    switched_off.config =
        secure(impatient + "expect = [\"{a}\"]\n",
               "large_hello = \"never\"\nca_file = \"" + field_ca().certificate_file() + "\"\n");
    switched_off.expected = {.cause = "healthy", .at_least = "high", .severity = "ok"};
    return {dropped, reset, lost, switched_off};
}

// ---- whose certificate it is ----

std::vector<Row> owners() {
    static lab::TestCa expired_ca("Old Root", hours(-24 * 3));
    const std::string old_root = expired_ca.certificate_file();
    Row anchor =
        one("expired_root_of_this_host", "a root of this host has expired, the server's certificate has not",
            lab::speaks(service(expired_ca, named(host))),
            faulty("`ca_file`", "the root certificate CN=Old Root expired"), "",
            "ca_file = \"" + old_root + "\"\n");
    Row store = anchor;
    store.name = "field_expired_root_in_store";
    store.why = "the same in the system's store";
    store.config = "[defaults]\nresolvers = [\"{dns}\"]\n[[endpoint]]\nname = \"t\"\nhost = \"" + host +
                   "\"\nport = 5432\nexpect = [\"{a}\"]\n";
    store.under = {"env", "SSL_CERT_FILE=" + old_root};
    store.expected = faulty("trust store", "from this host's trust store");

    static lab::TestCa older("Older Root");
    lab::TlsService crossed = service(field_ca(), named(host));
    crossed.certificate += field_ca().cross_signed_by(older, hours(24 * 5));
    Row cross = one("cross_sign_expiring", "a cross-sign that no path needs expires in five days",
                    lab::speaks(crossed), {.cause = "healthy", .at_least = "high", .severity = "ok"});
    return {anchor, store, cross};
}

std::vector<Row> verdicts() {
    lab::TlsService slow = service(field_ca(), named(host));
    slow.client_ca = field_ca().certificate();
    slow.verdict_delay = std::chrono::milliseconds(400);
    return {one("client_certificate_refused_late", "TLS 1.3 refuses 400 ms after the handshake",
                lab::speaks(slow), {.cause = "client_certificate_required", .at_least = "high"})};
}

}  // namespace

std::vector<Row> field_tls_rows() {
    std::vector<Row> rows;
    for (auto& part : {other_names(), faults(), refused(), large_hellos(), owners(), verdicts()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

}  // namespace whylink::netns_test
