// An HTTP request and its answer as values, apart from the library that carries them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/http/departure.hpp"

namespace whylink::daemon::http {

struct Request {
    std::string method;          ///< "GET"
    std::string path;            ///< percent-decoded, without the query
    std::string parameter = {};  ///< what the path has in place of the "*" of its route
    std::vector<std::pair<std::string, std::string>> query = {};  ///< decoded, in order
    std::string accept = {};                                      ///< header, empty when absent
    std::string accept_encoding = {};                             ///< header, empty when absent
    std::string authorization = {};                               ///< header, empty when absent
    std::string origin = {};                                      ///< header, empty when absent
    std::string fetch_site = {};                                  ///< Sec-Fetch-Site, empty when absent
    std::string fetch_dest = {};                                  ///< Sec-Fetch-Dest, empty when absent
    std::string scrape_timeout = {};  ///< X-Prometheus-Scrape-Timeout-Seconds, empty when absent
    std::string host = {};            ///< whom the client means, as it says: "vm-7:9797"
    std::string peer = {};            ///< whom limits count as one client: an IPv4 address, an IPv6 /64
    bool tls = false;
    bool on_loopback = false;  ///< the listener is for this host alone
    /// Tells when nobody waits for the answer any more; null where nobody can tell.
    std::shared_ptr<Departure> departure = {};
};

struct Response {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< further ones
    std::shared_ptr<const std::string> page = {};  ///< instead of `body`: several answers share it

    std::string_view content() const { return page ? std::string_view(*page) : std::string_view(body); }
};

/// A line of text.
inline Response plain(unsigned status, const std::string& text) {
    return {.status = status, .body = text + "\n"};
}

/// Gives the answer to one request; to be called once, on any thread. After the connection or the server has gone
/// it does nothing.
using Respond = std::function<void(Response)>;
/// Never waits for anything: it is called on the thread that serves all connections.
using Handler = std::function<void(Request, Respond)>;

}  // namespace whylink::daemon::http
