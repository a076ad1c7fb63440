// What a key may read of an organization.
#include <algorithm>

#include "control/clickhouse/read.hpp"

namespace whylink::control {

namespace {

/// Stands in the path where the organization has no service.
constexpr std::string_view no_such_service = "00000000-0000-0000-0000-000000000000";

Reply ask(const Reading& reading, Op op, std::string_view organization, std::string_view service = {}) {
    Call call;
    call.op = op;
    call.path.emplace_back("organization", organization);
    if (!service.empty()) {
        call.path.emplace_back("service", service);
    }
    return reading.caller.call(call, reading.terms);
}

/// Of the config, else the key's; empty: it could not be read.
std::string check_organization(const Reading& reading, CheckAnswer& answer) {
    Call call;
    call.op = Op::clickhouse_organizations;
    const Reply reply = reading.caller.call(call, reading.terms);
    answer.access.push_back(access_of(call.op, reply));
    const auto found = reply.result == Result::ok ? parse_clickhouse_organization(reply.body) : std::nullopt;
    answer.identity = found ? "key of organization " + *found : std::string();
    return reading.account.organization.empty() ? found.value_or("") : reading.account.organization;
}

void check_services(const Reading& reading, const std::string& organization, CheckAnswer& answer) {
    const Reply services = ask(reading, Op::clickhouse_services, organization);
    answer.access.push_back(access_of(Op::clickhouse_services, services));
    const auto page = services.result == Result::ok ? parse_clickhouse_services(services.body) : std::nullopt;
    const bool has_service = page && !page->items.empty();
    const std::string service = has_service ? page->items.front().id : std::string(no_such_service);
    Reply config = ask(reading, Op::clickhouse_private_endpoint_config, organization, service);
    if (config.result == Result::not_found) {
        config.result = Result::ok;
        config.detail.clear();
    }
    answer.access.push_back(access_of(Op::clickhouse_private_endpoint_config, config));
}

/// One permission a line: roles of ClickHouse Cloud are made in its console.
std::string permissions_of(const std::vector<Access>& access) {
    std::vector<std::string> permissions;
    for (const Access& one : access) {
        if (one.result == Result::forbidden) {
            permissions.push_back(one.permission);
        }
    }
    std::ranges::sort(permissions);
    const auto repeated = std::ranges::unique(permissions);
    permissions.erase(repeated.begin(), repeated.end());
    std::string text;
    for (const std::string& permission : permissions) {
        text += permission + "\n";
    }
    return text;
}

}  // namespace

CheckAnswer check_clickhouse(const Reading& reading) {
    CheckAnswer answer;
    answer.account = reading.account.name;
    answer.source = reading.account.key_secret_file.empty() ? "environment" : "key_secret_file";
    const std::string organization = check_organization(reading, answer);
    if (!organization.empty()) {
        check_services(reading, organization, answer);
    }
    answer.policy = permissions_of(answer.access);
    return answer;
}

}  // namespace whylink::control
