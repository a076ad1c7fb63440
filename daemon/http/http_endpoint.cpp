#include "daemon/http/http_endpoint.hpp"

#include <asio/post.hpp>
#include <chrono>
#include <utility>
#include <variant>

#include "daemon/system/call_later.hpp"

namespace whylink::daemon::http {
namespace {

constexpr auto look_period = std::chrono::seconds(10);

}  // namespace

HttpEndpoint::HttpEndpoint(asio::io_context& loop, Worker& disk, Handler handler, const Limits& limits,
                           Voice voice)
    : loop_(loop),
      disk_(disk),
      voice_(std::move(voice)),
      gate_(std::move(handler)),
      server_(
          [this](Request request, Respond respond) { gate_.handle(std::move(request), std::move(respond)); },
          voice_.complain, limits),
      timer_(loop) {}

std::optional<std::string> HttpEndpoint::move_to(const std::string& address, Access access) {
    // A new address is never open to everybody because its users come later, nor an old one because they went sooner.
    if (!access.users.empty()) {
        gate_.use_users(access.users);
    }
    if (auto fault = server_.listen(address, access.tls)) {
        gate_.use_users(access_->users);
        return fault;
    }
    gate_.use_users(access.users);
    address_ = address;
    access_ = std::make_shared<const Access>(std::move(access));
    last_fault_.clear();
    call_after(timer_, look_period, [this] { look_again(); });
    return std::nullopt;
}

/// Whether certificate and users are still what they were.
void HttpEndpoint::look_again() {
    call_after(timer_, look_period, [this] { look_again(); });
    if (address_.empty()) {
        return;
    }
    // What the disk finds is let go when the endpoint has gone meanwhile.
    static_cast<void>(
        disk_.post([&loop = loop_, before = access_, self = this, alive = std::weak_ptr(alive_)] {
            auto fresh = refreshed(*before);
            if (!fresh) {
                return;
            }
            asio::post(loop, [self, alive, before, fresh = std::move(*fresh)]() mutable {
                if (!alive.expired() && self->access_ == before) {
                    self->take(*before, std::move(fresh));
                }
            });
        }));
}

void HttpEndpoint::take(const Access& before, std::variant<Access, std::string> fresh) {
    if (const auto* fault = std::get_if<std::string>(&fresh)) {
        if (*fault != last_fault_) {
            voice_.complain(
                "changed files of [daemon.tls] or [daemon.users] are rejected and the old ones stay: " +
                *fault);
            last_fault_ = *fault;
        }
        return;
    }
    Access access = std::get<Access>(std::move(fresh));
    last_fault_.clear();
    if (access.tls_stamps != before.tls_stamps) {
        voice_.inform("TLS certificate reloaded");
        server_.use_tls(access.tls);
    } else {
        access.tls = before.tls;
    }
    if (access.users != before.users) {
        voice_.inform("users reloaded");
        gate_.use_users(access.users);
    }
    access_ = std::make_shared<const Access>(std::move(access));
}

}  // namespace whylink::daemon::http
