#include "checks/followups/plain_text_app.hpp"

#include "config/profiles.hpp"

namespace whylink::checks {
namespace {

using config::App;

/// PostgreSQL and MySQL begin in plain text anyway, and MySQL counts what ends before a login; a script of
/// the user's own was not written for this. SQL Server begins in plain text, too, and resets a ClientHello.
bool may_be_spoken(App app) {
    return app == App::tds ||
           (app != App::none && config::application(app).tls == config::TlsStart::in_front);
}

/// A native protocol is spoken only where it is named: its port is that of many other services.
App by_port(std::uint16_t port) {
    const App usual = config::plain_guess(port);
    return may_be_spoken(usual) && !config::speaks_natively(usual, port) ? usual : App::none;
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
