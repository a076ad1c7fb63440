// An HTTP request and its answer as values, apart from the library that carries them.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace whylink::daemon::http {

struct Request {
    std::string method;                                      ///< "GET"
    std::string path;                                        ///< percent-decoded, without the query
    std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
    std::string accept;                                      ///< header, empty when absent
    std::string accept_encoding;                             ///< header, empty when absent
    std::string scrape_timeout;  ///< X-Prometheus-Scrape-Timeout-Seconds, empty when absent
};

struct Response {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< further ones
};

/// A line of text.
inline Response plain(unsigned status, const std::string& text) {
    return {.status = status, .body = text + "\n"};
}

/// Gives the answer to one request; to be called once, on the event loop's thread. After the connection or
/// the server has gone it does nothing.
using Respond = std::function<void(Response)>;
using Handler = std::function<void(Request, Respond)>;

}  // namespace whylink::daemon::http
