#include <utility>

#include "config_text.hpp"
#include "confounder.hpp"

namespace whylink::confounders {
namespace {

const std::string expected_and_impatient = "expect = [\"{a}\"]\n" + netns_test::impatient;

netns_test::Row row_of(const std::string& name, const std::string& why, std::string config) {
    netns_test::Row row;
    row.name = name;
    row.why = why;
    row.resolvers = {{"{dns}", host + " A {a}\n*.eu-west-1.vpce.aws.clickhouse.cloud A {a}"}};
    row.config = std::move(config);
    return row;
}

}  // namespace

std::string secure(const std::string& more, const std::string& tls) {
    return netns_test::secure(expected_and_impatient + more, tls);
}

std::string plain(const std::string& more) {
    return netns_test::plain(expected_and_impatient + more);
}

std::string listed(const std::string& more) {
    return secure("profile = \"clickhouse-aws\"\napp = \"none\"\nport = 9440\nhost = \"" + listed_host +
                  "\"\n" + more);
}

Confounder served(const std::string& name, const std::string& why, const std::string& truth,
                  lab::StreamBehaviour behaviour, std::string config) {
    const std::uint16_t port = config.find("port = 9440") == std::string::npos ? 5432 : 9440;
    Confounder made{.truth = truth, .row = row_of(name, why, std::move(config))};
    made.row.servers = {{.address = "{a}", .port = port, .behaviour = std::move(behaviour)}};
    return made;
}

Confounder served(const std::string& name, const std::string& why, const std::string& truth,
                  netns_test::Daemon daemon, std::string config) {
    Confounder made{.truth = truth, .row = row_of(name, why, std::move(config))};
    made.row.daemons = {std::move(daemon)};
    return made;
}

}  // namespace whylink::confounders
