#include "daemon/round/connection_stage.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "checks/stages/addresses.hpp"
#include "config/first_bytes.hpp"
#include "probes/tcp/stream.hpp"

namespace whylink::daemon {
namespace {

using probes::Observation;

constexpr std::string_view no_reply = "no complete reply";

bool has_app(const ConnectionPlan& plan) {
    return plan.app.app != config::App::none;
}

/// PostgreSQL and MySQL, say, begin in plain text and negotiate TLS inside their own protocol.
bool begins_with_tls(const ConnectionPlan& plan) {
    return plan.tls && !(has_app(plan) && probes::negotiates_tls(plan.app));
}

probes::ProxyHeaderSent header_of(config::ProxyProtocol version) {
    switch (version) {
        case config::ProxyProtocol::v1:
            return probes::ProxyHeaderSent::v1;
        case config::ProxyProtocol::v2:
            return probes::ProxyHeaderSent::v2;
        case config::ProxyProtocol::none:
            break;
    }
    return probes::ProxyHeaderSent::none;
}

probes::AppRequest request_of(const config::Endpoint& endpoint) {
    return {.app = endpoint.app,
            .host = endpoint.host,
            .port = endpoint.port,
            .tls = endpoint.tls.mode != config::TlsMode::off,
            .http_path = endpoint.http_path,
            .http_status = endpoint.http_status,
            .script = endpoint.expect_script};
}

/// A special address that only DNS gave is not connected to: leave_out_special(). So it is the hosts file's, or
/// `expect` has it.
probes::Withheld withheld_at(const config::Endpoint& endpoint, const IpAddress& address) {
    const auto source = address_space(address) == AddressSpace::special ? probes::NameSource::hosts_file
                                                                        : probes::NameSource::resolver;
    return checks::is_right_address(endpoint, address, source) ? probes::Withheld::no
                                                               : probes::Withheld::wrong_address;
}

/// A script may hold a password, and the query of a URL a token. What is left of a script is what any client of the
/// port would do: TLS in front, or to listen.
void leave_out_secrets(ConnectionPlan& plan) {
    if (plan.app.app == config::App::expect) {
        plan.tls = plan.tls && !probes::negotiates_tls(plan.app);
        plan.app.app = config::App::none;
    }
    plan.app.script.clear();
    plan.app.http_path.resize(std::min(plan.app.http_path.find('?'), plan.app.http_path.size()));
}

Observation tls_not_made(const ConnectionPlan& plan, probes::LocalError error) {
    Observation observation;
    observation.stage = probes::Stage::tls;
    observation.started = probes::WallClock::now();
    observation.address = plan.address;
    observation.port = plan.port;
    observation.local = std::move(error);
    probes::TlsFacts facts;
    facts.server_name = plan.server_name;
    observation.facts = std::move(facts);
    return observation;
}

/// As the TLS stage has it where it finds the server's words before its own ClientHello.
Observation spoken_before(const ConnectionPlan& plan, const probes::TcpFacts& tcp) {
    Observation observation;
    observation.stage = probes::Stage::tls;
    observation.started = probes::WallClock::now();
    observation.address = plan.address;
    observation.port = plan.port;
    probes::TlsFacts facts;
    facts.server_name = plan.server_name;
    facts.verified = plan.verify;
    facts.server_spoke_first = true;
    facts.bytes_received = tcp.bytes_received;
    facts.first_bytes = tcp.first_bytes;
    facts.first_bytes_are_tls = false;
    observation.facts = std::move(facts);
    return observation;
}

/// Mysqlx.Connection.Close, message type 3, without a body.
constexpr std::string_view mysql_x_close{"\x01\0\0\0\x03", 5};

bool is_to_be_answered(std::string_view first_bytes) {
    return config::counts_early_ends(first_bytes);
}

/// One connection on its way through the stages.
class Connection {
  public:
    Connection(ConnectionPlan plan, const TlsContextOrFault& tls, const Capturing& capturing)
        : plan_(std::move(plan)), tls_(tls), capturing_(capturing) {
        if (plan_.withhold != probes::Withheld::no) {
            leave_out_secrets(plan_);
        }
    }

    asio::awaitable<ConnectionResult> run() {
        std::optional<asio::ip::tcp::socket> socket = co_await connect();
        if (begins_with_tls(plan_) && is_connected() && !context()) {
            result_.tls = tls_not_made(plan_, std::get<probes::LocalError>(tls_));
        } else if (socket && owes_login()) {
            co_await log_in(probes::plain_stream(std::move(*socket)));
        } else if (socket) {
            probes::StreamPtr stream = co_await make_stream(std::move(*socket));
            if (stream && has_app(plan_)) {
                stream = co_await speak(std::move(stream));
            }
            if (plan_.keep) {
                result_.stream = std::move(stream);
            }
        }
        co_return std::move(result_);
    }

  private:
    probes::TlsContextPtr context() const {
        const auto* context = std::get_if<probes::TlsContextPtr>(&tls_);
        return context == nullptr ? nullptr : *context;
    }
    bool is_connected() const {
        const auto* facts = get_if<probes::TcpFacts>(&result_.tcp->facts);
        return facts != nullptr && facts->connected && !result_.tcp->local;
    }

    probes::TcpFacts* tcp_facts() { return get_if<probes::TcpFacts>(&result_.tcp->facts); }

    /// Nobody goes on in the protocol with which the server greets.
    bool owes_login() {
        const auto* facts = tcp_facts();
        return facts != nullptr && (begins_with_tls(plan_) || !has_app(plan_)) &&
               config::counts_early_ends(facts->first_bytes);
    }

    /// What the server counts is a connection without that. Nothing is made of the answer.
    asio::awaitable<void> log_in(probes::StreamPtr stream) {
        auto* facts = tcp_facts();
        if (begins_with_tls(plan_)) {
            result_.tls = spoken_before(plan_, *facts);
        }
        if (config::is_mysql_x(facts->first_bytes)) {
            stream->owe_farewell(std::string(mysql_x_close));
            facts->ended_in_protocol = true;
            co_return;
        }
        probes::AppProbe probe;
        probe.address = plan_.address;
        probe.port = plan_.port;
        probe.request.app = config::App::mysql;
        probe.timeout = timeout();
        const Wait wait(capturing_.waiting, "mysql", plan_.address.to_string(), no_reply, plan_.timeout);
        const probes::AppResult result = co_await probes::probe_app(std::move(probe), std::move(stream));
        const auto* said = result.app ? get_if<probes::AppFacts>(&result.app->facts) : nullptr;
        facts->ended_in_protocol = said != nullptr && said->reply != probes::AppReply::none;
    }

    /// Of the stage that begins now.
    std::chrono::milliseconds timeout() const {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            capturing_.until - std::chrono::steady_clock::now());
        return std::clamp(left, std::min(std::chrono::milliseconds(1), plan_.timeout), plan_.timeout);
    }

    /// How long the server may take to greet, where the end of a connection before that counts against this host.
    std::chrono::milliseconds settle() const {
        return config::counts_early_ends(plan_.port) ? std::max(plan_.settle, timeout()) : plan_.settle;
    }

    std::chrono::milliseconds listening(bool first_tls) const {
        const bool waits = first_tls ? config::server_speaks_first(plan_.port)
                                     : !has_app(plan_) && config::counts_early_ends(plan_.port);
        return waits ? std::min(plan_.listen_first, timeout()) : std::chrono::milliseconds(0);
    }

    asio::awaitable<std::optional<asio::ip::tcp::socket>> connect() {
        const bool first_tls = begins_with_tls(plan_);
        const bool goes_on = first_tls ? context() != nullptr : has_app(plan_) || plan_.keep;
        probes::TcpProbe tcp;
        tcp.address = plan_.address;
        tcp.port = plan_.port;
        tcp.timeout = timeout();
        tcp.settle = first_tls || has_app(plan_) ? std::chrono::milliseconds(0) : settle();
        tcp.keep = goes_on;
        tcp.listen_first = listening(first_tls);
        tcp.keep_when = first_tls || has_app(plan_) ? nullptr : is_to_be_answered;
        tcp.proxy_header = plan_.proxy_header;
        tcp.max_segment = plan_.max_segment;
        tcp.ask_acceptor = plan_.ask_acceptor;
        tcp.options = plan_.options;
        tcp.tap = capturing_.tap.get();
        if (capturing_.tap) {
            capturing_.packets->expect_endpoint(plan_.address, plan_.port);
        }
        Wait wait(capturing_.waiting, "TCP", plan_.address.to_string(), "no SYN-ACK", plan_.timeout);
        const std::chrono::milliseconds watched = tcp.keep ? tcp.listen_first : tcp.settle;
        tcp.on_connected = [&wait, watched] { wait.next("connected, no data from the server", watched); };
        probes::TcpResult connected = co_await probes::probe_tcp(std::move(tcp));
        if (auto* facts = get_if<probes::TcpFacts>(&connected.observation.facts)) {
            facts->has_tls = first_tls;
            facts->has_app = !first_tls && has_app(plan_);
        }
        result_.flow = std::move(connected.flow);
        result_.tcp = std::move(connected.observation);
        co_return std::move(connected.socket);
    }

    probes::TlsProbe tls_probe() const {
        probes::TlsProbe probe;
        probe.address = plan_.address;
        probe.port = plan_.port;
        probe.server_name = plan_.server_name;
        probe.verify = plan_.verify;
        probe.withhold_certificate = plan_.withhold;
        probe.hand_on_closed = has_app(plan_);
        probe.hello = plan_.hello;
        probe.finite_field = plan_.finite_field;
        probe.tls12_only = plan_.tls12_only;
        probe.budget = capturing_.budget;
        probe.timeout = timeout();
        probe.context = context();
        return probe;
    }

    asio::awaitable<probes::StreamPtr> make_stream(asio::ip::tcp::socket socket) {
        if (!begins_with_tls(plan_)) {
            co_return probes::plain_stream(std::move(socket));
        }
        const Wait wait(capturing_.waiting, "TLS", plan_.address.to_string(), "handshake not complete",
                        plan_.timeout);
        if (!has_app(plan_) && !plan_.keep) {
            result_.tls = co_await probes::probe_tls(tls_probe(), std::move(socket));
            co_return nullptr;
        }
        probes::TlsResult tls = co_await probes::open_tls(tls_probe(), std::move(socket));
        result_.tls = std::move(tls.observation);
        co_return std::move(tls.stream);
    }

    /// By ALPN the server has chosen what is spoken now.
    void speak_as_chosen() {
        const auto* tls = result_.tls ? get_if<probes::TlsFacts>(&result_.tls->facts) : nullptr;
        plan_.app.http2 = plan_.app.http2 || (tls != nullptr && tls->alpn == "h2");
    }

    asio::awaitable<probes::StreamPtr> speak(probes::StreamPtr stream) {
        speak_as_chosen();
        if (probes::negotiates_tls(plan_.app) && !context()) {
            result_.tls = tls_not_made(plan_, std::get<probes::LocalError>(tls_));
            co_return nullptr;
        }
        probes::AppProbe probe;
        probe.address = plan_.address;
        probe.port = plan_.port;
        probe.request = plan_.app;
        probe.timeout = timeout();
        probe.over_tls = begins_with_tls(plan_);
        probe.tls = tls_probe();
        const Wait wait(capturing_.waiting, slug(plan_.app.app), plan_.address.to_string(), no_reply,
                        plan_.timeout);
        probes::AppResult result =
            co_await probes::probe_app(std::move(probe), std::move(stream), plan_.keep);
        if (result.tls) {
            result_.tls = std::move(result.tls);
        }
        result_.app = std::move(result.app);
        co_return std::move(result.stream);
    }

    ConnectionPlan plan_;
    const TlsContextOrFault& tls_;
    const Capturing& capturing_;
    ConnectionResult result_;
};

}  // namespace

probes::SocketOptions socket_options(const config::Endpoint& endpoint) {
    return {
        .source_address = endpoint.source_address, .interface = endpoint.interface, .mark = endpoint.mark};
}

ConnectionPlan plan_of(const config::Endpoint& endpoint, const IpAddress& address) {
    ConnectionPlan plan;
    plan.address = address;
    plan.port = endpoint.port;
    plan.timeout = endpoint.timeout;
    plan.options = socket_options(endpoint);
    plan.proxy_header = header_of(endpoint.proxy_protocol);
    plan.tls = endpoint.tls.mode != config::TlsMode::off;
    plan.server_name = endpoint.tls.server_name;
    plan.verify = endpoint.tls.verify;
    plan.app = request_of(endpoint);
    plan.withhold = withheld_at(endpoint, address);
    plan.settle = endpoint.settle;
    if (endpoint.tls.mode == config::TlsMode::attempt) {
        plan.listen_first = endpoint.timeout;
    }
    return plan;
}

asio::awaitable<ConnectionResult> probe_connection(ConnectionPlan plan, const TlsContextOrFault& tls,
                                                   const Capturing& capturing) {
    Connection connection(std::move(plan), tls, capturing);
    co_return co_await connection.run();
}

}  // namespace whylink::daemon
