#include "checks/followups/plain_text_app.hpp"

#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using config::App;

/// PostgreSQL and MySQL begin in plain text anyway, and MySQL counts what ends before a login; a script of
/// the user's own was not written for this.
bool may_be_spoken(App app) {
    return app == App::http || app == App::clickhouse || app == App::redis || app == App::mqtt;
}

App by_port(std::uint16_t port) {
    switch (port) {
        case 6379:
            return App::redis;
        case 1883:
            return App::mqtt;
        case 80:
        case 8080:
        case 8123:
            return App::http;
        default:
            return App::none;
    }
}

}  // namespace

PlainTextApp plain_text_app(const config::Endpoint& endpoint) {
    const config::Profile* profile = config::profile_of(endpoint);
    const App named = endpoint.app != App::none || profile == nullptr ? endpoint.app : profile->app;
    if (named != App::none) {
        return {may_be_spoken(named) ? named : App::none, true};
    }
    return {by_port(endpoint.port), false};
}

}  // namespace whylink::checks
