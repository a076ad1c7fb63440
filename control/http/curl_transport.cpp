#include "control/http/curl_transport.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include <curl/curl.h>

#include "config/ascii.hpp"

namespace whylink::control {

namespace {

using Clock = std::chrono::steady_clock;

struct EasyEnd {
    void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
};
struct MultiEnd {
    void operator()(CURLM* handle) const { ::curl_multi_cleanup(handle); }
};
struct ListEnd {
    void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyEnd>;
using Multi = std::unique_ptr<CURLM, MultiEnd>;
using List = std::unique_ptr<curl_slist, ListEnd>;

/// Not the macro of the header, which looks at constants alone.
template <class T>
void set(const Easy& handle, CURLoption option, T value) {
    (curl_easy_setopt)(handle.get(), option, value);
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// One request under way.
struct Transfer {
    Easy easy{::curl_easy_init()};
    List headers;
    std::string url;
    std::array<char, CURL_ERROR_SIZE> error{};
    HttpResponse response;
    std::size_t header_bytes = 0;
    bool too_large = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::size_t bytes = size * count;
    if (transfer.response.body.size() + bytes > max_body) {
        transfer.too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    transfer.response.body.append(data, bytes);
    return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::size_t bytes = size * count;
    transfer.header_bytes += bytes;
    if (transfer.header_bytes > max_header_bytes) {
        transfer.too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    const std::string_view line(data, bytes);
    if (line.starts_with("HTTP/")) {  // the final response, behind a 1xx
        transfer.response.headers.clear();
        return bytes;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        transfer.response.headers.emplace_back(lower_case(trimmed(line.substr(0, colon))),
                                               trimmed(line.substr(colon + 1)));
    }
    return bytes;
}

void append(List& list, const std::string& line) {
    curl_slist* longer = ::curl_slist_append(list.get(), line.c_str());
    if (longer != nullptr) {
        (void)list.release();
        list.reset(longer);
    }
}

void set_headers(Transfer& transfer, const HttpRequest& request) {
    bool has_content_type = false;
    for (const Header& header : request.headers) {
        has_content_type |= header.name == "Content-Type";
        std::string line = header.name + ": " + std::string(header.value.reveal());
        append(transfer.headers, line);
        wipe(line);
    }
    if (!has_content_type) {
        append(transfer.headers, "Content-Type:");
    }
    append(transfer.headers, "Expect:");
    set(transfer.easy, CURLOPT_HTTPHEADER, transfer.headers.get());
    // What authorises a request is not for a proxy.
    set(transfer.easy, CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});
}

void set_method(Transfer& transfer, const HttpRequest& request) {
    if (request.method == Method::get) {
        set(transfer.easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    set(transfer.easy, CURLOPT_POST, 1L);
    // The request outlives the transfer.
    set(transfer.easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.reveal().size()));
    set(transfer.easy, CURLOPT_POSTFIELDS, request.body.reveal().data());
    if (request.method == Method::put) {
        set(transfer.easy, CURLOPT_CUSTOMREQUEST, "PUT");
    }
}

/// Of the environment, but for addresses on this host and its link.
void set_proxy(Transfer& transfer, const HttpRequest& request) {
    if (!request.through_proxy) {
        set(transfer.easy, CURLOPT_PROXY, "");
        set(transfer.easy, CURLOPT_NOPROXY, "*");
    }
    set(transfer.easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void set_times(Transfer& transfer, const HttpRequest& request, Clock::time_point until) {
    using std::chrono::milliseconds;
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    const auto whole = std::max(milliseconds(1), std::min(request.timeout, left));
    set<long>(transfer.easy, CURLOPT_TIMEOUT_MS, whole.count());
    set<long>(transfer.easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(whole, request.connect_timeout).count());
    set(transfer.easy, CURLOPT_NOSIGNAL, 1L);
}

void prepare(Transfer& transfer, const HttpRequest& request, const std::string& user_agent,
             Clock::time_point until) {
    transfer.url = url_of(request);
    set(transfer.easy, CURLOPT_URL, transfer.url.c_str());
    set(transfer.easy, CURLOPT_PROTOCOLS_STR, request.scheme.c_str());
    set(transfer.easy, CURLOPT_PATH_AS_IS, 1L);
    set(transfer.easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(transfer.easy, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
    set(transfer.easy, CURLOPT_USERAGENT, user_agent.c_str());
    set(transfer.easy, CURLOPT_ERRORBUFFER, transfer.error.data());
    set(transfer.easy, CURLOPT_WRITEFUNCTION, &take_body);
    set(transfer.easy, CURLOPT_WRITEDATA, &transfer);
    set(transfer.easy, CURLOPT_HEADERFUNCTION, &take_header);
    set(transfer.easy, CURLOPT_HEADERDATA, &transfer);
    set(transfer.easy, CURLOPT_PRIVATE, &transfer);
    set_method(transfer, request);
    set_headers(transfer, request);
    set_proxy(transfer, request);
    set_times(transfer, request, until);
}

Failure failure_of(CURLcode code) {
    switch (code) {
        case CURLE_OK:
            return Failure::none;
        case CURLE_COULDNT_RESOLVE_HOST:
            return Failure::resolve;
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_PROXY:
            return Failure::proxy;
        case CURLE_COULDNT_CONNECT:
            return Failure::connect;
        case CURLE_OPERATION_TIMEDOUT:
            return Failure::timeout;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
            return Failure::tls;
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
            return Failure::cut;
        case CURLE_FILESIZE_EXCEEDED:
            return Failure::too_large;
        default:
            return Failure::other;
    }
}

void conclude(Transfer& transfer, CURLcode code) {
    HttpResponse& response = transfer.response;
    response.received_at = std::chrono::system_clock::now();
    long status = 0;
    ::curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    response.failure = transfer.too_large ? Failure::too_large : failure_of(code);
    if (response.failure == Failure::none && status >= 300 && status < 400) {
        response.failure = Failure::redirect;
    }
    if (response.failure != Failure::none) {
        const bool has_text = transfer.error.front() != '\0';
        response.error = has_text ? transfer.error.data() : ::curl_easy_strerror(code);
        response.body.clear();
    }
}

class CurlTransport : public Transport {
  public:
    explicit CurlTransport(std::string user_agent) : user_agent_(std::move(user_agent)) {}

    std::vector<HttpResponse> perform(std::span<const HttpRequest> requests,
                                      Clock::time_point until) override {
        Multi multi = take_multi();
        std::vector<std::unique_ptr<Transfer>> transfers;
        for (const HttpRequest& request : requests) {
            auto transfer = std::make_unique<Transfer>();
            prepare(*transfer, request, user_agent_, until);
            ::curl_multi_add_handle(multi.get(), transfer->easy.get());
            transfers.push_back(std::move(transfer));
        }
        run(multi);
        std::vector<HttpResponse> responses;
        for (const auto& transfer : transfers) {
            ::curl_multi_remove_handle(multi.get(), transfer->easy.get());
            responses.push_back(std::move(transfer->response));
        }
        give_back(std::move(multi));
        return responses;
    }

  private:
    /// Until each transfer has ended, which its time-out sees to.
    static void run(const Multi& multi) {
        constexpr int longest_wait_ms = 1000;
        int running = 1;
        while (running > 0) {
            const bool works = ::curl_multi_perform(multi.get(), &running) == CURLM_OK;
            take_ended(multi);
            if (!works) {
                return;
            }
            if (running > 0) {
                ::curl_multi_poll(multi.get(), nullptr, 0, longest_wait_ms, nullptr);
            }
        }
    }

    static void take_ended(const Multi& multi) {
        int left = 0;
        while (CURLMsg* message = ::curl_multi_info_read(multi.get(), &left)) {
            Transfer* transfer = nullptr;
            ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
            if (message->msg == CURLMSG_DONE && transfer != nullptr) {
                conclude(*transfer, message->data.result);
            }
        }
    }

    /// A multi handle has the connections that its transfers left open; each thread has one for the time that it needs.
    Multi take_multi() {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) {
            return Multi(::curl_multi_init());
        }
        Multi multi = std::move(free_.back());
        free_.pop_back();
        return multi;
    }

    void give_back(Multi multi) {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(multi));
    }

    std::string user_agent_;
    std::mutex mutex_;
    std::vector<Multi> free_;
};

}  // namespace

std::unique_ptr<Transport> make_curl_transport(std::string user_agent) {
    static const CURLcode ready = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)ready;
    return std::make_unique<CurlTransport>(std::move(user_agent));
}

}  // namespace whylink::control
