#include "checks/explain/wording.hpp"

#include <array>

namespace whylink::checks {
namespace {

struct Placeholder {
    std::string_view name;
    std::string Wording::*value;
    std::string_view general;  ///< when there is no value
};

constexpr std::array<Placeholder, 12> placeholders{{
    {"name", &Wording::name, "the target"},
    {"host", &Wording::host, "the host"},
    {"port", &Wording::port, "PORT"},
    {"zone", &Wording::zone, "the zone"},
    {"address", &Wording::address, "the endpoint's address"},
    {"working", &Wording::working, "the other addresses"},
    {"resolver", &Wording::resolver, "the resolver"},
    {"answers", &Wording::answers, "the answer"},
    {"endpoint_id", &Wording::endpoint_id, "the endpoint's identifier"},
    {"service", &Wording::service, "the service"},
    {"public_host", &Wording::public_host, "the public name"},
    {"detail", &Wording::detail, "see the evidence"},
}};

/// Empty for an unknown name.
std::string_view value_of(std::string_view name, const Wording& wording) {
    for (const Placeholder& placeholder : placeholders) {
        if (placeholder.name == name) {
            const std::string& value = wording.*placeholder.value;
            return value.empty() ? placeholder.general : std::string_view{value};
        }
    }
    return {};
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
        const std::string_view value = close == std::string_view::npos
                                           ? std::string_view{}
                                           : value_of(text.substr(1, close - 1), wording);
        filled += value.empty() ? text.substr(0, 1) : value;
        text.remove_prefix(value.empty() ? 1 : close + 1);
    }
    return filled;
}

}  // namespace whylink::checks
