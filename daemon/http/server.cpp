#include "daemon/http/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <chrono>
#include <exception>
#include <restinio/http_server.hpp>
#include <restinio/uri_helpers.hpp>
#include <string_view>
#include <vector>

#include "daemon/http/listener.hpp"
#include "daemon/http/stream.hpp"

namespace whylink::daemon::http {
namespace {

using namespace std::chrono_literals;
namespace limits = restinio::connection_count_limits;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::size_t max_connections = 64;

/// No strand: the event loop has one thread.
struct Traits : restinio::default_single_thread_traits_t {
    using stream_socket_t = Stream;
    static constexpr bool use_connection_count_limiter = true;
};
using Connection = restinio::impl::connection_t<Traits>;
using ConnectionFactory = restinio::impl::connection_factory_t<Traits>;
using ConnectionSettings = restinio::impl::connection_settings_t<Traits>;
using Limiter = restinio::connection_count_limit_types<Traits>::limiter_t;
using LifetimeMonitor = restinio::connection_count_limit_types<Traits>::lifetime_monitor_t;
using Incoming = restinio::request_handle_t;
using RequestHandler = std::function<restinio::request_handling_status_t(Incoming)>;

/// Without upgrades, which a server may ignore (RFC 9110, section 7.8): RESTinio would hand such requests
/// over under no time-out at all.
http_parser_settings parser_settings() {
    http_parser_settings settings = restinio::impl::create_parser_settings<Traits::http_methods_mapper_t>();
    settings.on_headers_complete = [](http_parser* parser) {
        parser->upgrade = 0;
        return restinio::impl::restinio_headers_complete_cb(parser);
    };
    return settings;
}

std::shared_ptr<ConnectionFactory> connections_for(asio::io_context& loop, const Timeouts& timeouts,
                                                   RequestHandler on_request) {
    restinio::server_settings_t<Traits> settings;
    settings.request_handler(std::move(on_request))
        .read_next_http_message_timelimit(timeouts.idle)
        .handle_request_timeout(timeouts.handling)
        .write_http_response_timelimit(timeouts.writing)
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
    auto shared =
        std::make_shared<ConnectionSettings>(std::move(settings), parser_settings(), std::move(timers));
    return std::make_shared<ConnectionFactory>(std::move(shared), std::move(options_setter));
}

std::string_view reason(unsigned status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
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
        for (auto& [name, value] : response.headers) {
            builder.append_header(std::move(name), std::move(value));
        }
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

/// The one answer that a request gets, whatever becomes of the function that is to give it.
class Answer {
  public:
    Answer(asio::io_context& loop, Incoming request) : loop_(loop), request_(std::move(request)) {}
    ~Answer() {
        try {
            give(plain(500, "the request was not answered"));
        } catch (const std::exception&) {
            // Out of memory: the time-out for handling closes the connection.
        }
    }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    /// Never at once: RESTinio takes an answer from within its handler for leave to read the next request,
    /// and begins to read once more when the answer has been written, losing what it had parsed by then.
    void give(Response response) {
        if (!request_) {
            return;
        }
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
    if (target.starts_with('/') || scheme == std::string_view::npos) {
        return target;
    }
    const std::size_t path = target.find('/', scheme + 3);
    return path == std::string_view::npos ? "/" : target.substr(path);
}

/// Nothing when the target is not properly percent-encoded UTF-8, or the query not made of pairs.
std::optional<Request> request_of(const restinio::http_request_header_t& header) {
    const std::string_view raw_path(header.path().data(), header.path().size());
    const auto path = restinio::utils::try_unescape_percent_encoding<Unescape>(path_of(raw_path));
    const auto query = restinio::try_parse_query<Unescape>(header.query());
    if (!path || !query || query->tag()) {
        return std::nullopt;
    }
    Request request;
    request.method = header.method().c_str();
    request.path = *path;
    for (const auto& [name, value] : *query) {
        request.query.emplace_back(name, value);
    }
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
    request.scrape_timeout = header.get_field_or("X-Prometheus-Scrape-Timeout-Seconds", std::string());
    return request;
}

}  // namespace

/// RESTinio's own acceptor is left out: that of version 0.6.16 drops an error of accept(2) in silence and never
/// accepts again, and keeps its connections when it is closed.
struct Server::Impl final : public std::enable_shared_from_this<Impl>,
                            private limits::impl::acceptor_callback_iface_t {
  public:
    Impl(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain,
         const Timeouts& timeouts);

    std::optional<std::string> listen(const std::string& address);
    void stop_listening() { listener_.reset(); }
    void stop();

  private:
    void call_accept_now(std::size_t index) noexcept override;
    void schedule_next_accept_attempt(std::size_t index) noexcept override;
    void accepted(tcp::socket socket);
    void serve(tcp::socket socket);
    void handle(const Incoming& incoming);
    void complain(std::string what);

    asio::io_context& loop_;
    Handler handler_;
    std::function<void(std::string)> complain_;
    Timeouts timeouts_;
    Clock::time_point last_complaint_ = Clock::now() - 1h;
    Limiter limiter_;
    std::unique_ptr<Listener> listener_;  ///< null when it no longer listens
    bool stopped_ = false;
    std::shared_ptr<ConnectionFactory> factory_;
    std::vector<std::weak_ptr<Connection>> connections_;
    std::vector<std::weak_ptr<Answer>> answers_;
};

Server::Impl::Impl(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain,
                   const Timeouts& timeouts)
    : loop_(loop),
      handler_(std::move(handler)),
      complain_(std::move(complain)),
      timeouts_(timeouts),
      limiter_(this, limits::max_parallel_connections_t(max_connections), limits::max_active_accepts_t(1)),
      listener_(std::make_unique<Listener>(
          loop, [this](tcp::socket socket) { accepted(std::move(socket)); },
          [this](std::string what) { this->complain(std::move(what)); })) {}

std::optional<std::string> Server::Impl::listen(const std::string& address) {
    if (auto fault = listener_->open(address)) {
        return fault;
    }
    factory_ = connections_for(loop_, timeouts_, [weak = weak_from_this()](const Incoming& incoming) {
        const auto self = weak.lock();
        if (!self || self->stopped_) {
            return restinio::request_rejected();
        }
        self->handle(incoming);
        return restinio::request_accepted();
    });
    limiter_.accept_next(0);
    return std::nullopt;
}

void Server::Impl::call_accept_now(std::size_t) noexcept {
    if (listener_) {
        listener_->accept_one();
    }
}

void Server::Impl::schedule_next_accept_attempt(std::size_t index) noexcept {
    if (!listener_) {
        return;
    }
    asio::post(loop_, [weak = weak_from_this(), index] {
        if (const auto self = weak.lock(); self && self->listener_) {
            self->limiter_.accept_next(index);
        }
    });
}

void Server::Impl::accepted(tcp::socket socket) {
    const auto alive = shared_from_this();
    try {
        serve(std::move(socket));
    } catch (const std::exception& fault) {
        complain(fmt::format("cannot serve a connection: {}", fault.what()));
    }
    limiter_.accept_next(0);
}

void Server::Impl::serve(tcp::socket socket) {
    LifetimeMonitor counted(&limiter_);
    asio::error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (gone) {
        return;
    }
    const auto connection = factory_->create_new_connection(Stream(std::move(socket), timeouts_.request),
                                                            peer, std::move(counted));
    remember(connections_, connection);
    connection->init();
}

void Server::Impl::handle(const Incoming& incoming) {
    const auto answer = std::make_shared<Answer>(loop_, incoming);
    remember(answers_, answer);
    std::optional<Request> request = request_of(incoming->header());
    if (!request) {
        answer->give(plain(400, "the request's target is not a properly encoded path and query"));
        return;
    }
    try {
        handler_(std::move(*request), [answer](Response response) { answer->give(std::move(response)); });
    } catch (const std::exception& fault) {
        complain(fmt::format("a request failed: {}", fault.what()));
        answer->give(plain(500, "the request failed"));
    }
}

void Server::Impl::complain(std::string what) {
    const Clock::time_point now = Clock::now();
    if (now - last_complaint_ < 1s) {
        return;
    }
    last_complaint_ = now;
    complain_(std::move(what));
}

void Server::Impl::stop() {
    stopped_ = true;
    stop_listening();
    for (const auto& weak : std::exchange(connections_, {})) {
        // A connection lives as long as its operations, but not without its socket, which is closed here.
        if (const auto connection = weak.lock()) {
            static_cast<void>(connection->move_upgrade_internals());
        }
    }
    for (const auto& weak : std::exchange(answers_, {})) {
        if (const auto answer = weak.lock()) {
            answer->forget();
        }
    }
}

Server::Server(asio::io_context& loop, Handler handler, std::function<void(std::string)> complain,
               const Timeouts& timeouts)
    : impl_(std::make_shared<Impl>(loop, std::move(handler), std::move(complain), timeouts)) {}

Server::~Server() {
    impl_->stop();
}

std::optional<std::string> Server::listen(const std::string& address) {
    return impl_->listen(address);
}

void Server::stop_listening() {
    impl_->stop_listening();
}

}  // namespace whylink::daemon::http
