// MQTT: mosquitto.
#include "rows.hpp"
#include "scene.hpp"

namespace whylink::netns_test {
namespace {

constexpr std::uint16_t port = 1883;

Daemon mosquitto(const std::string& lines) {
    return {.argv = {"mosquitto", "-c", "{dir}/mosquitto.conf"},
            .files = {{"{dir}/mosquitto.conf", "user root\nlistener 1883 {a}\n" + lines}},
            .ready_address = "{a}",
            .ready_port = port};
}

const std::string open = "allow_anonymous true\n";
const std::string tls = "certfile {server_cert}\nkeyfile {server_key}\n";

}  // namespace

std::vector<Row> mqtt_rows() {
    return {
        scene("mosquitto_open", "mosquitto serves", {mosquitto(open)}, {"mqtt", port}, reached()),
        scene("mosquitto_password", "mosquitto wants a password", {mosquitto("allow_anonymous false\n")},
              {"mqtt", port}, reached()),
        scene("mosquitto_no_empty_identifier", "mosquitto wants an identifier of each client",
              {mosquitto(open + "allow_zero_length_clientid false\n")}, {"mqtt", port}, reached()),
        scene("mosquitto_tls", "mosquitto serves inside TLS", {mosquitto(open + tls)},
              {"mqtt", port, {}, with_tls}, reached()),
        scene("mosquitto_tls_client_certificate", "mosquitto wants a client certificate",
              {mosquitto(open + tls + "cafile {ca}\nrequire_certificate true\n")},
              {"mqtt", port, {}, with_tls}, {.cause = "client_certificate_required"}),
        scene("mosquitto_tls_to_plain", "TLS to mosquitto without it", {mosquitto(open)},
              {"mqtt", port, "timeout = \"2s\"\n", with_tls},
              {.cause = "wrong_service",
               .at_least = "high",
               .probes = {{"tls", "{a}", "pending_allowlist"}, {"app", "{a}", "ok", "plain_text"}}}),
        scene("mosquitto_plain_to_tls", "plain text to mosquitto with TLS", {mosquitto(open + tls)},
              {"mqtt", port},
              {.cause = "not_on_allowlist",
               .at_most = "medium",
               .probes = {{"app", "{a}", "pending_allowlist"}},
               .alternatives = {"wrong_service"}}),
    };
}

}  // namespace whylink::netns_test
