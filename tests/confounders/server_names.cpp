// The right server under another name, and another server.
#include <utility>

#include "confounder.hpp"
#include "support/test_ca.hpp"

namespace whylink::confounders {
namespace {

const std::string private_name = "x.privatelink.mariadb.database.azure.com";
const std::string public_name = "x.mariadb.database.azure.com";
const std::string right = "wrong_server_name";

lab::TestCa& authority() {
    static lab::TestCa ca("Provider CA");
    return ca;
}

lab::StreamBehaviour certified(const std::string& name) {
    const lab::IssuedCertificate issued = authority().issue_server(name);
    lab::TlsService service;
    service.certificate = issued.certificate;
    service.key = issued.key;
    return lab::speaks(service);
}

// What else is done to any name but the public one.
lab::StreamBehaviour knows_the_public_name(lab::StreamBehaviour others) {
    others.by_name = {{public_name, certified(public_name)}};
    return others;
}

Confounder asked_as(const std::string& host, const std::string& name, const std::string& why,
                    const std::string& truth, lab::StreamBehaviour behaviour, const std::string& zone) {
    Confounder made =
        served(name, why, truth, std::move(behaviour),
               secure("host = \"" + host + "\"\n", "ca_file = \"" + authority().certificate_file() + "\"\n"));
    made.row.resolvers = {{"{dns}", zone}};
    return made;
}

Confounder by_private_name(const std::string& name, const std::string& why, const std::string& truth,
                           lab::StreamBehaviour behaviour) {
    return asked_as(private_name, name, why, truth, std::move(behaviour), private_name + " A {a}");
}

}  // namespace

std::vector<Confounder> server_names() {
    return {
        by_private_name("privatelink_name",
                        "a certificate for the public name, asked by the privatelink name", right,
                        certified("*.mariadb.database.azure.com")),
        by_private_name("privatelink_name_unknown", "a default certificate for every name but the public one",
                        right, knows_the_public_name(certified("default.provider.test"))),
        by_private_name("privatelink_name_alert", "unrecognized_name for every name but the public one",
                        right, knows_the_public_name(lab::alerts(112))),
        by_private_name("privatelink_name_reset", "RST for every name but the public one (Envoy)", right,
                        knows_the_public_name(lab::reset_after_read())),
        asked_as("own.corp.test", "own_alias", "a name of one's own, a CNAME to the server's", right,
                 certified("gw.provider.test"),
                 "own.corp.test CNAME gw.provider.test\ngw.provider.test A {a}"),
        by_private_name("another_host",
                        "the certificate of another host, which knows the public name no better",
                        "wrong_service", certified("mail.elsewhere.test")),
    };
}

}  // namespace whylink::confounders
