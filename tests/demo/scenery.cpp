#include "scenery.hpp"

#include <chrono>
#include <utility>

namespace whylink::demo {
namespace {

const std::string clickhouse = ".westus3.privatelink.azure.clickhouse.cloud";
const std::string kafka =
    "vpce-0a1b2c3d4e5f60718-q3wz8k2p.vpce-svc-0f1e2d3c4b5a69788.us-east-1.vpce.amazonaws.com";
const std::string search = "logs.vpce.us-east-1.aws.elastic-cloud.com";
const std::string metrics = "metrics.internal.example";
const std::string cache = "cache.internal.example";
const std::string documents = "pl-0-us-east-1.k7x2p.mongodb.net";

// The servers' two identities: one that is good for every name here, and one that has expired.
struct Identities {
    lab::TlsService good;
    lab::TlsService expired;

    explicit Identities(lab::TestCa& ca) {
        lab::CertificateOptions options;
        options.common_name = "lab";
        options.dns_names = {"*" + clickhouse, kafka, search, metrics, cache, documents};
        good = service(ca.issue(options));
        options.not_before = -std::chrono::hours(24 * 90);
        options.not_after = -std::chrono::hours(24 * 2);
        expired = service(ca.issue(options));
    }

  private:
    static lab::TlsService service(const lab::IssuedCertificate& issued) {
        lab::TlsService tls;
        tls.certificate = issued.certificate;
        tls.key = issued.key;
        return tls;
    }
};

std::string endpoint(const std::string& host, const std::string& keys) {
    return "host = \"" + host + "\"\n" + keys;
}

std::string clickhouse_keys(const std::string& guid) {
    return "profile = \"clickhouse-azure\"\napp = \"none\"\nexpect = [\"10.0.1.4\"]\nendpoint_id = \"" +
           guid + "\"\n";
}

std::vector<Scene> healthy(const Identities& identities) {
    // One private endpoint in front of several services: the name in the ClientHello says which is meant.
    lab::StreamBehaviour gateway = lab::speaks(identities.good);
    gateway.by_name = {{"efgh" + clickhouse, lab::reset_after_read()}};
    return {
        {.name = "clickhouse-orders",
         .config = endpoint("abcd" + clickhouse, clickhouse_keys("6f1c6a1e-0b7d-4a53-9c8e-2d4f5a6b7c8d")),
         .zone = "*" + clickhouse + " A 10.0.1.4",
         .servers = {{"10.0.1.4", 9440, gateway}},
         .cause = "healthy"},
        {.name = "metrics-over-ipv6",
         .config = endpoint(metrics, "port = 443\n"),
         .zone = metrics + " AAAA fd00::12",
         .servers = {{"fd00::12", 443, lab::speaks(identities.good)}},
         .outage = "ip6 daddr fd00::12 drop",
         .cause = "healthy"},
    };
}

std::vector<Scene> wrong_names() {
    return {
        {.name = "blob-reports",
         .config = endpoint("reports.blob.core.windows.net", "port = 443\n"),
         .zone = "reports.blob.core.windows.net CNAME reports.privatelink.blob.core.windows.net\n"
                 "reports.privatelink.blob.core.windows.net CNAME blob.bn9prdstr02a.store.core.windows.net\n"
                 "blob.bn9prdstr02a.store.core.windows.net A 203.0.113.80",
         .servers = {{"203.0.113.80", 443, lab::silent()}},
         .cause = "private_dns_bypassed"},
        {.name = "sql-billing",
         .config = endpoint("billing.privatelink.database.windows.net",
                            "port = 1433\ntls = false\nexpect = [\"10.0.2.9\"]\n"),
         .zone = "billing.privatelink.database.windows.net A 10.0.2.5",
         .servers = {{"10.0.2.5", 1433, lab::silent()}},
         .cause = "wrong_dns_record"},
        {.name = "databricks-jobs",
         .config = endpoint("adb-4218.7.privatelink.azuredatabricks.net", "port = 443\n"),
         .zone = "",
         .cause = "private_dns_missing"},
    };
}

std::vector<Scene> no_connection(const Identities& identities) {
    return {
        {.name = "warehouse-pending",
         .config = endpoint("acme.us-east-1.privatelink.snowflakecomputing.com", "port = 443\n"),
         .zone = "acme.us-east-1.privatelink.snowflakecomputing.com A 10.0.3.7",
         .firewall = "ip daddr 10.0.3.7 drop",
         .cause = "syn_unanswered"},
        {.name = "kafka-events",
         .config = endpoint(kafka, "port = 9092\n"),
         .zone = kafka + " A 10.0.3.21",
         .cause = "connection_refused"},
        {.name = "vault-secrets",
         .config = endpoint("secrets.privatelink.vaultcore.azure.net", "port = 443\n"),
         .zone = "secrets.privatelink.vaultcore.azure.net A 10.0.3.30",
         .firewall = "ip daddr 10.0.3.30 reject with icmp type admin-prohibited",
         .cause = "path_prohibited"},
        {.name = "documents-two-zones",
         .config = endpoint(documents, "port = 1024\n"),
         .zone = documents + " A 10.0.4.10\n" + documents + " A 10.0.5.10",
         .servers = {{"10.0.4.10", 1024, lab::speaks(identities.good)}},
         .firewall = "ip daddr 10.0.5.10 drop",
         .cause = "one_address_failing"},
    };
}

std::vector<Scene> no_service(const Identities& identities) {
    return {
        {.name = "clickhouse-new-service",
         .config = endpoint("efgh" + clickhouse, clickhouse_keys("6f1c6a1e-0b7d-4a53-9c8e-2d4f5a6b7c8d")),
         .zone = "",  // the wildcard of clickhouse-orders, and its server
         .cause = "not_on_allowlist"},
        {.name = "search-logs",
         .config = endpoint(search, "port = 9243\n"),
         .zone = search + " A 10.0.6.3",
         .servers = {{"10.0.6.3", 9243, lab::speaks(identities.expired)}},
         .cause = "certificate_problem"},
        {.name = "redis-cache",
         .config = endpoint(cache, "port = 6379\n"),
         .zone = cache + " A 10.0.6.8",
         .servers = {{"10.0.6.8", 6379, lab::silent()}},
         .cause = "backend_silent"},
    };
}

std::string zone_table(const std::string& zone, const std::string& keys) {
    return "zone = \"" + zone + "\"\n" + keys;
}

std::vector<Scene> zones() {
    return {
        {.name = "zone-clickhouse",
         .config = zone_table(clickhouse.substr(1),
                              "expect = [\"10.0.1.4\"]\nknown_labels = [\"abcd\", \"efgh\"]\n"),
         .zone = "",
         .cause = "healthy"},
        {.name = "zone-elastic",
         .config = zone_table("privatelink.eastus2.azure.elastic-cloud.com",
                              "expect = [\"10.0.7.4\"]\nknown_labels = [\"logs\"]\n"),
         .zone = "logs.privatelink.eastus2.azure.elastic-cloud.com A 10.0.7.4",
         .cause = "wildcard_missing"},
        {.name = "zone-confluent",
         .config = zone_table("dom4xk.us-east-1.aws.confluent.cloud",
                              "expect = [\"10.0.8.4\"]\nknown_labels = [\"lkc-7kpz3\", \"lkc-93gy5\"]\n"),
         .zone = "*.dom4xk.us-east-1.aws.confluent.cloud A 10.0.8.4\n"
                 "lkc-93gy5.dom4xk.us-east-1.aws.confluent.cloud A 10.0.8.77",
         .cause = "wildcard_overridden"},
    };
}

std::string table(const Scene& scene, const std::string& ca_file) {
    const bool zone = scene.config.starts_with("zone =");
    const bool tls = !zone && scene.config.find("tls = false") == std::string::npos;
    return (zone ? "[[zone]]\n" : "[[endpoint]]\n") + ("name = \"" + scene.name + "\"\n") + scene.config +
           (tls ? "tls = { ca_file = \"" + ca_file + "\" }\n" : "") + "\n";
}

}  // namespace

std::vector<Scene> scenes(lab::TestCa& ca) {
    const Identities identities(ca);
    std::vector<Scene> all;
    for (const auto& part :
         {healthy(identities), wrong_names(), no_connection(identities), no_service(identities), zones()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

std::string config_text(const std::vector<Scene>& scenes, const std::string& ca_file) {
    std::string text = "[defaults]\ninterval = \"5s\"\ntimeout = \"2s\"\nresolvers = [\"" +
                       std::string(resolver_address) + "\"]\n\n";
    for (const Scene& scene : scenes) {
        text += table(scene, ca_file);
    }
    return text;
}

}  // namespace whylink::demo
