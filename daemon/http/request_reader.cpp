#include "daemon/http/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "config/ascii.hpp"
#include "daemon/http/target.hpp"

namespace whylink::daemon::http {
namespace {

namespace beast = boost::beast::http;
using boost::system::error_code;

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

/// Of several fields of that name the values with commas between (RFC 9110, section 5.3).
std::string joined(const beast::fields& fields, beast::field name) {
    std::string values;
    const auto [begin, end] = fields.equal_range(name);
    for (auto field = begin; field != end; ++field) {
        values += values.empty() ? "" : ", ";
        values += view(field->value());
    }
    return values;
}

std::string joined(const beast::fields& fields, std::string_view name) {
    const auto found = fields.find(boost::beast::string_view(name.data(), name.size()));
    return found == fields.end() ? std::string() : std::string(view(found->value()));
}

std::pair<unsigned, std::string_view> refusal(const error_code& error) {
    if (error == beast::error::header_limit || error == beast::error::buffer_overflow) {
        return {431, "the request line or the header fields are too large"};
    }
    if (error == beast::error::body_limit) {
        return {413, "the body is too large"};
    }
    return {400, "this is no HTTP request, or it is too large"};
}

}  // namespace

std::string_view reason_of(unsigned status) {
    return view(beast::obsolete_reason(beast::int_to_status(status)));
}

struct RequestReader::Parser : beast::request_parser<beast::string_body> {};

RequestReader::RequestReader(std::size_t max_header, std::size_t max_body)
    : max_header_(max_header), max_body_(max_body) {}

RequestReader::~RequestReader() = default;

bool RequestReader::has_begun() const {
    return parser_ != nullptr || !buffer_.empty();
}

RequestReader::Step RequestReader::refuse(unsigned status, std::string_view why) {
    keep_alive_ = false;
    status_ = status;
    why_ = why;
    return Step::refused;
}

RequestReader::Step RequestReader::next() {
    if (buffer_.empty()) {
        return Step::more;
    }
    if (!parser_) {
        parser_ = std::make_unique<Parser>();
        parser_->eager(true);
        parser_->header_limit(static_cast<std::uint32_t>(max_header_));
        parser_->body_limit(max_body_);
        checked_ = false;
    }
    error_code error;
    const std::size_t used = parser_->put(boost::asio::const_buffer(buffer_.data(), buffer_.size()), error);
    buffer_.erase(0, used);
    if (error && error != beast::error::need_more) {
        const auto [status, why] = refusal(error);
        return refuse(status, why);
    }
    Step step = Step::more;
    if (parser_->is_header_done() && !std::exchange(checked_, true)) {
        step = check_header();
        if (step == Step::refused) {
            return step;
        }
    }
    if (parser_->is_done()) {
        return finish();
    }
    // A chunk's header of any length, above all.
    if (buffer_.size() > 2 * max_header_) {
        return refuse(431, "the request line or the header fields are too large");
    }
    return step;
}

RequestReader::Step RequestReader::check_header() {
    const auto& header = parser_->get();
    is_head_ = header.method() == beast::verb::head;
    const bool current = header.version() >= 11;
    // RFC 9112, section 3.2.
    const auto hosts = header.count(beast::field::host);
    if (hosts > 1 || (current && hosts == 0)) {
        return refuse(400, "the request must have one Host header");
    }
    if (header.method() == beast::verb::unknown) {
        return refuse(501, "the method is not known");
    }
    const std::string expects = lower_case(view(header[beast::field::expect]));
    if (expects.empty() || !current) {
        return Step::more;
    }
    return expects == "100-continue" ? Step::expects : refuse(417, "only 100-continue may be expected");
}

RequestReader::Step RequestReader::finish() {
    const auto& header = parser_->get();
    keep_alive_ = parser_->keep_alive();
    request_ = {};
    request_.method = view(header.method_string());
    request_.accept = joined(header, beast::field::accept);
    request_.accept_encoding = joined(header, beast::field::accept_encoding);
    request_.authorization = joined(header, beast::field::authorization);
    request_.origin = joined(header, beast::field::origin);
    request_.fetch_site = joined(header, "Sec-Fetch-Site");
    request_.fetch_dest = joined(header, "Sec-Fetch-Dest");
    request_.scrape_timeout = joined(header, "X-Prometheus-Scrape-Timeout-Seconds");
    request_.host = joined(header, beast::field::host);
    const bool good = read_target(view(header.target()), request_);
    parser_.reset();
    return good ? Step::request
                : refuse(400, "the request's target is not a properly encoded path and query");
}

Request RequestReader::take() {
    return std::exchange(request_, {});
}

}  // namespace whylink::daemon::http
