#include "checks/explain/wording.hpp"

#include <algorithm>
#include <iterator>

namespace whylink::checks {
namespace {

struct Placeholder {
    std::string_view name;
    std::string Wording::*value;
    std::string_view general;  ///< when there is no value
};

constexpr Placeholder placeholders[]{
    {"name", &Wording::name, "the target"},
    {"host", &Wording::host, "the host"},
    {"port", &Wording::port, "PORT"},
    {"zone", &Wording::zone, "the zone"},
    {"address", &Wording::address, "the endpoint's address"},
    {"working", &Wording::working, "the other addresses"},
    {"resolver", &Wording::resolver, "the DNS server"},
    {"answers", &Wording::answers, "the answer"},
    {"endpoint_id", &Wording::endpoint_id, "the endpoint's identifier"},
    {"service", &Wording::service, "the service"},
    {"public_host", &Wording::public_host, "the public name"},
    {"answered_by", &Wording::answered_by, "another address"},
    {"targets", &Wording::targets, "those of its SRV records"},
    {"dns_zone", &Wording::dns_zone, "that answers"},
    {"dns_error", &Wording::dns_error, "its reply says no more"},
    {"proxy", &Wording::proxy, "of the environment"},
    {"proxy_url", &Wording::proxy_url, "PROXY"},
    {"url", &Wording::url, "URL"},
    {"detail", &Wording::detail, "see the evidence"},
    {"acceptor", &Wording::acceptor, "this host"},
    {"sent_to", &Wording::sent_to, "another address"},
    {"route", &Wording::route, "see the evidence"},
    {"way_back", &Wording::way_back, "see the evidence"},
    {"tracking", &Wording::tracking, "no free entry"},
    {"machines", &Wording::machines, "two link-layer addresses"},
    {"asked_name", &Wording::asked_name, "the name asked for"},
    {"server_name", &Wording::server_name, "the server's own name"},
    {"account_endpoint", &Wording::account_endpoint, "the endpoint"},
    {"account_state", &Wording::account_state, "is not available"},
    {"account_rule", &Wording::account_rule, "see the evidence"},
    {"account_fix", &Wording::account_fix, "Allow the connection where the evidence says that it is denied."},
    {"account_connection", &Wording::account_connection, "a consumer's endpoint"},
    {"right_address", &Wording::right_address, "another address"},
    {"zone_reason", &Wording::zone_reason, "the zone, its link or the record is missing"},
    {"vendor_state", &Wording::vendor_state, "the service is stopped"},
    {"target_group", &Wording::target_group, "see the evidence"},
};

const Placeholder* find_placeholder(std::string_view name) {
    const auto* const found = std::ranges::find(placeholders, name, &Placeholder::name);
    return found == std::end(placeholders) ? nullptr : found;
}

/// Where the text has said in words what the placeholder would say in general: "the public name {public_host}",
/// "the public name ({public_host})". What is left of `text` begins behind the placeholder.
bool is_said_already(std::string_view general, std::string& filled, std::string_view& text) {
    const std::string said(general);
    if (filled.ends_with(said + " ")) {
        filled.pop_back();
        return true;
    }
    if (filled.ends_with(said + " (") && text.starts_with(')')) {
        filled.resize(filled.size() - 2);
        text.remove_prefix(1);
        return true;
    }
    return false;
}

}  // namespace

std::string fill(std::string_view text, const Wording& wording) {
    std::string filled;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        filled += text.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        text.remove_prefix(open);
        const std::size_t close = text.find('}');
        const Placeholder* placeholder =
            close == std::string_view::npos ? nullptr : find_placeholder(text.substr(1, close - 1));
        if (placeholder == nullptr) {
            filled += text.front();
            text.remove_prefix(1);
            continue;
        }
        text.remove_prefix(close + 1);
        const std::string& value = wording.*placeholder->value;
        if (!value.empty()) {
            filled += value;
        } else if (!is_said_already(placeholder->general, filled, text)) {
            filled += placeholder->general;
        }
    }
    return filled;
}

}  // namespace whylink::checks
