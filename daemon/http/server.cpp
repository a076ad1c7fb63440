#include "daemon/http/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <restinio/http_server.hpp>
#include <restinio/uri_helpers.hpp>
#include <string_view>
#include <vector>

#include "config/address.hpp"
#include "config/resolver_text.hpp"

namespace whylink::daemon::http {
namespace {

using namespace std::chrono_literals;
namespace limits = restinio::connection_count_limits;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::size_t max_connections = 64;
constexpr auto accept_pause = 1s;

/// No strand: the event loop has one thread.
struct Traits : restinio::default_single_thread_traits_t {
    static constexpr bool use_connection_count_limiter = true;
};
using Connection = restinio::impl::connection_t<Traits>;
using ConnectionFactory = restinio::impl::connection_factory_t<Traits>;
using ConnectionSettings = restinio::impl::connection_settings_t<Traits>;
using Limiter = restinio::connection_count_limit_types<Traits>::limiter_t;
using LifetimeMonitor = restinio::connection_count_limit_types<Traits>::lifetime_monitor_t;
using Incoming = restinio::request_handle_t;

std::shared_ptr<ConnectionFactory> connections_for(
    asio::io_context& loop, std::function<restinio::request_handling_status_t(Incoming)> on_request) {
    restinio::server_settings_t<Traits> settings;
    settings.request_handler(std::move(on_request))
        .read_next_http_message_timelimit(60s)
        .handle_request_timeout(60s)
        .write_http_response_timelimit(60s)
        // One after the other: with its answer the reading of the next begins.
        .max_pipelined_requests(1)
        .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                      .max_url_size(16 << 10)
                                      .max_field_name_size(256)
                                      .max_field_value_size(8 << 10)
                                      .max_field_count(100)
                                      .max_body_size(64 << 10));
    auto options_setter = settings.socket_options_setter();
    auto timers = settings.timer_factory()->create(loop);
    auto shared = std::make_shared<ConnectionSettings>(
        std::move(settings), restinio::impl::create_parser_settings<Traits::http_methods_mapper_t>(),
        std::move(timers));
    return std::make_shared<ConnectionFactory>(std::move(shared), std::move(options_setter));
}

std::string_view reason(unsigned status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Status";
    }
}

void send(const Incoming& request, Response response) {
    const restinio::http_status_line_t line(
        restinio::http_status_code_t(static_cast<std::uint16_t>(response.status)),
        std::string(reason(response.status)));
    const auto add_headers = [&response](auto& builder) {
        builder.append_header_date_field();
        builder.append_header(restinio::http_field::content_type, std::move(response.content_type));
        for (auto& [name, value] : response.headers)
            builder.append_header(std::move(name), std::move(value));
    };
    if (request->header().method() == restinio::http_method_head()) {
        auto builder = request->create_response<restinio::user_controlled_output_t>(line);
        add_headers(builder);
        builder.set_content_length(response.body.size()).done();
    } else {
        auto builder = request->create_response(line);
        add_headers(builder);
        builder.set_body(std::move(response.body)).done();
    }
}

Response plain(unsigned status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

/// The one answer that a request gets, whatever becomes of the function that is to give it.
class Answer {
  public:
    Answer(asio::io_context& loop, Incoming request) : loop_(loop), request_(std::move(request)) {}
    ~Answer() {
        try {
            give(plain(500, "the request was not answered\n"));
        } catch (const std::exception&) {
            // Out of memory: the time-out for handling closes the connection.
        }
    }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    /// Never at once: RESTinio takes an answer from within its handler for leave to read the next request,
    /// and begins to read once more when the answer has been written, losing what it had parsed by then.
    void give(Response response) {
        if (!request_)
            return;
        asio::post(loop_, [request = std::exchange(request_, nullptr),
                           response = std::move(response)]() mutable { send(request, std::move(response)); });
    }
    /// The server is gone, and the event loop may follow.
    void forget() { request_.reset(); }

  private:
    asio::io_context& loop_;
    Incoming request_;
};

/// Forgets what has ended and remembers one more.
template <class T>
void remember(std::vector<std::weak_ptr<T>>& living, const std::shared_ptr<T>& one) {
    std::erase_if(living, [](const std::weak_ptr<T>& other) { return other.expired(); });
    living.push_back(one);
}

using Unescape = restinio::parse_query_traits::relaxed;

/// RFC 9112, section 3.2: the path alone, or behind a scheme and an authority.
std::string_view path_of(std::string_view target) {
    const std::size_t scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string_view::npos)
        return target;
    const std::size_t path = target.find('/', scheme + 3);
    return path == std::string_view::npos ? "/" : target.substr(path);
}

/// Nothing when the target is not properly percent-encoded UTF-8, or the query not made of pairs.
std::optional<Request> request_of(const restinio::http_request_header_t& header) {
    const std::string_view raw_path(header.path().data(), header.path().size());
    const auto path = restinio::utils::try_unescape_percent_encoding<Unescape>(path_of(raw_path));
    const auto query = restinio::try_parse_query<Unescape>(header.query());
    if (!path || !query || query->tag())
        return std::nullopt;
    Request request;
    request.method = header.method().c_str();
    request.path = *path;
    for (const auto& [name, value] : *query)
        request.query.emplace_back(name, value);
    const auto joined = [&header](restinio::http_field_t field) {
        std::string values;
        header.for_each_value_of(field, [&values](const auto& value) {
            values += (values.empty() ? "" : ", ") + std::string(value);
            return restinio::http_header_fields_t::continue_enumeration();
        });
        return values;
    };
    request.accept = joined(restinio::http_field::accept);
    request.accept_encoding = joined(restinio::http_field::accept_encoding);
    return request;
}

/// What Server is made of. Accepting is done here and not by RESTinio's own acceptor: that of version 0.6.16
/// drops an error of accept(2) in silence and never accepts again, and keeps its connections when it closes.
class Core final : public std::enable_shared_from_this<Core>,
                   private limits::impl::acceptor_callback_iface_t {
  public:
    Core(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain)
        : loop_(loop),
          handler_(std::move(handler)),
          complain_(std::move(complain)),
          acceptor_(loop),
          pause_(loop),
          limiter_(this, limits::max_parallel_connections_t(max_connections),
                   limits::max_active_accepts_t(1)) {}

    asio::error_code listen(const tcp::endpoint& endpoint);
    void stop();

  private:
    void call_accept_now(std::size_t index) noexcept override;
    void schedule_next_accept_attempt(std::size_t index) noexcept override;
    void accepted(const asio::error_code& error, tcp::socket socket);
    void pause_accepting(const asio::error_code& error);
    void serve(tcp::socket socket);
    void handle(const Incoming& incoming);
    void complain(std::string what);

    asio::io_context& loop_;
    Handler handler_;
    std::function<void(std::string)> complain_;
    Clock::time_point last_complaint_ = Clock::now() - 1h;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    Limiter limiter_;
    bool paused_before_ = false;
    bool stopped_ = false;
    std::shared_ptr<ConnectionFactory> factory_;
    std::vector<std::weak_ptr<Connection>> connections_;
    std::vector<std::weak_ptr<Answer>> answers_;
};

asio::error_code Core::listen(const tcp::endpoint& endpoint) {
    asio::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error)
        acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error)
        acceptor_.bind(endpoint, error);
    if (!error)
        acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
        asio::error_code ignored;
        acceptor_.close(ignored);
        return error;
    }
    factory_ = connections_for(loop_, [weak = weak_from_this()](const Incoming& incoming) {
        const auto core = weak.lock();
        if (!core || core->stopped_)
            return restinio::request_rejected();
        core->handle(incoming);
        return restinio::request_accepted();
    });
    limiter_.accept_next(0);
    return {};
}

void Core::call_accept_now(std::size_t) noexcept {
    acceptor_.async_accept([weak = weak_from_this()](const asio::error_code& error, tcp::socket socket) {
        if (const auto core = weak.lock())
            core->accepted(error, std::move(socket));
    });
}

void Core::schedule_next_accept_attempt(std::size_t index) noexcept {
    if (stopped_)
        return;
    asio::post(loop_, [weak = weak_from_this(), index] {
        if (const auto core = weak.lock(); core && !core->stopped_)
            core->limiter_.accept_next(index);
    });
}

void Core::accepted(const asio::error_code& error, tcp::socket socket) {
    if (stopped_)
        return;
    if (error) {
        pause_accepting(error);
        return;
    }
    paused_before_ = false;
    try {
        serve(std::move(socket));
    } catch (const std::exception& fault) {
        complain(fmt::format("cannot serve a connection: {}", fault.what()));
    }
    limiter_.accept_next(0);
}

/// Above all for want of descriptors: the connection stays in the queue, so that accepting again at once
/// would fail at once.
void Core::pause_accepting(const asio::error_code& error) {
    if (!std::exchange(paused_before_, true))
        complain(fmt::format("cannot accept connections: {}; trying again every second", error.message()));
    pause_.expires_after(accept_pause);
    pause_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
        const auto core = weak.lock();
        if (core && !core->stopped_ && !cancelled)
            core->call_accept_now(0);
    });
}

void Core::serve(tcp::socket socket) {
    LifetimeMonitor counted(&limiter_);
    asio::error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (gone)
        return;
    const auto connection = factory_->create_new_connection(std::move(socket), peer, std::move(counted));
    remember(connections_, connection);
    connection->init();
}

void Core::handle(const Incoming& incoming) {
    const auto answer = std::make_shared<Answer>(loop_, incoming);
    remember(answers_, answer);
    std::optional<Request> request = request_of(incoming->header());
    if (!request) {
        answer->give(plain(400, "the request's target is not a properly encoded path and query\n"));
        return;
    }
    try {
        handler_(std::move(*request), [answer](Response response) { answer->give(std::move(response)); });
    } catch (const std::exception& fault) {
        complain(fmt::format("a request failed: {}", fault.what()));
        answer->give(plain(500, "the request failed\n"));
    }
}

void Core::complain(std::string what) {
    const Clock::time_point now = Clock::now();
    if (now - last_complaint_ < 1s)
        return;
    last_complaint_ = now;
    complain_(std::move(what));
}

void Core::stop() {
    stopped_ = true;
    asio::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& weak : std::exchange(connections_, {})) {
        // A connection lives as long as its operations, but not without its socket, which is closed here.
        if (const auto connection = weak.lock())
            static_cast<void>(connection->move_upgrade_internals());
    }
    for (const auto& weak : std::exchange(answers_, {})) {
        if (const auto answer = weak.lock())
            answer->forget();
    }
}

/// Nothing for what is no address with a port.
std::optional<tcp::endpoint> parse_endpoint(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    const auto port = config::parse_port(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    asio::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || !port)
        return std::nullopt;
    return tcp::endpoint(address, *port);
}

}  // namespace

struct Server::Impl {
    std::shared_ptr<Core> core;
};

Server::Server(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain)
    : impl_(std::make_unique<Impl>(
          Impl{std::make_shared<Core>(loop, std::move(handler), std::move(complain))})) {}

Server::~Server() {
    impl_->core->stop();
}

std::optional<std::string> Server::listen(const std::string& address) {
    const auto endpoint = parse_endpoint(address);
    if (!endpoint)
        return fmt::format("cannot listen on {}: this is no address with a port", address);
    if (const asio::error_code error = impl_->core->listen(*endpoint))
        return fmt::format("cannot listen on {}: {}", address, error.message());
    return std::nullopt;
}

}  // namespace whylink::daemon::http
