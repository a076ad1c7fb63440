#include "config/show.hpp"

#include "config/keys.hpp"

namespace whylink::config {
namespace {

template <class T>
bool is_left_open(const T& /*target*/, const Key& /*key*/, const std::string& /*value*/) {
    return false;
}

/// Most keys of an account belong to another provider.
bool is_left_open(const Account& /*account*/, const Key& /*key*/, const std::string& value) {
    return value == "\"\"";
}

/// `profile = ""` says that there is none, even where a name would pick one.
bool is_left_open(const Endpoint& endpoint, const Key& key, const std::string& /*value*/) {
    return key.name == "profile" && endpoint.by_name.profile;
}

template <class T>
std::string table(const T& target) {
    const auto given = [&target](const Field<T>& row, const std::string& value) {
        return !is_left_open(target, row.key, value);
    };
    return std::string(header(fields<T>().front().key.section)) + "\n" + lines(target, given) + "\n";
}

std::string tables(const Zone& zone) {
    return table(zone);
}

std::string tables(const Watch& watch) {
    return table(watch);
}

std::string tables(const Endpoint& endpoint) {
    std::string result = table(endpoint);
    if (endpoint.tls.mode != TlsMode::off) {
        result += table(endpoint.tls);
    }
    for (const ExpectStep& step : endpoint.expect_script) {
        result += table(step);
    }
    return result;
}

}  // namespace

std::string show(const Config& config) {
    std::string result = table(config.daemon);
    if (config.daemon.tls.on()) {
        result += table(config.daemon.tls);
    }
    result +=
        table(config.on_demand) + table(config.defaults) + table(config.capture) + table(config.history);
    for (const TargetPtr& target : config.targets) {
        result += std::visit([](const auto& what) { return tables(what); }, target->what());
    }
    for (const Account& account : config.accounts) {
        result += table(account);
    }
    if (result.ends_with("\n\n")) {
        result.pop_back();
    }
    return result;
}

}  // namespace whylink::config
