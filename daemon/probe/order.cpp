#include "daemon/probe/order.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <system_error>

#include "config/ascii.hpp"
#include "config/dns_name.hpp"
#include "config/document.hpp"

namespace whylink::daemon {
namespace {

constexpr std::size_t max_target = 2048;

const std::string& parameter(const ProbeRequest& request, std::string_view name) {
    static const std::string none;
    const auto found = std::ranges::find(request.query, name, &std::pair<std::string, std::string>::first);
    return found == request.query.end() ? none : found->second;
}

/// What was found, short enough for a line.
std::string shown(std::string_view text) {
    constexpr std::size_t most = 100;
    return config::toml_string(text.substr(0, most)) + (text.size() > most ? "..." : "");
}

std::optional<double> seconds_of(std::string_view text) {
    double seconds = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, seconds);
    const bool good = parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(seconds) && seconds >= 0;
    return good ? std::optional(seconds) : std::nullopt;
}

/// Nothing for a header that is no number of seconds. Of a very short one half is left.
std::optional<std::chrono::milliseconds> time_of(const std::string& header) {
    if (header.empty()) {
        return max_probe_time;
    }
    const std::optional<double> seconds = seconds_of(header);
    if (!seconds) {
        return std::nullopt;
    }
    if (*seconds == 0) {
        return max_probe_time;
    }
    const double most = std::chrono::duration<double, std::milli>(max_probe_time).count();
    const double offset = std::chrono::duration<double, std::milli>(scrape_offset).count();
    const double all = std::min(*seconds * 1000, most + offset);
    return std::chrono::milliseconds(
        std::max<std::int64_t>(1, std::llround(std::max(all - offset, all / 2))));
}

bool has_odd_bytes(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return is_control(c) || c == ' '; });
}

std::optional<ProbeAnswer> fault_of_query(const ProbeRequest& request, ProbeOrder& order) {
    order.query_name = parameter(request, "query_name");
    if (order.query_name.empty()) {
        return refusal(400, "query_name is missing: module \"dns\" asks the target for it");
    }
    if (const auto fault = host_name_fault(order.query_name)) {
        return refusal(400, fmt::format("query_name {} is no DNS name: {}", shown(order.query_name), *fault));
    }
    const std::string& type = parameter(request, "query_type");
    const auto known = from_slug<probes::RecordType>(type.empty() ? "A" : type);
    if (!known) {
        return refusal(400, fmt::format("query_type {} is not supported; there are {}", shown(type),
                                        fmt::join(slugs_of<probes::RecordType>, ", ")));
    }
    order.query_type = *known;
    return std::nullopt;
}

std::optional<ProbeAnswer> fault_of_hostname(const ProbeRequest& request, ProbeOrder& order) {
    order.hostname = parameter(request, "hostname");
    if (order.hostname.empty()) {
        return std::nullopt;
    }
    const auto fault = host_name_fault(order.hostname);
    return fault ? std::optional(refusal(
                       400, fmt::format("hostname {} is no host name: {}", shown(order.hostname), *fault)))
                 : std::nullopt;
}

}  // namespace

ProbeAnswer refusal(unsigned status, const std::string& text) {
    return {.status = status, .body = text + "\n"};
}

std::variant<ProbeOrder, ProbeAnswer> read_order(const ProbeRequest& request) {
    ProbeOrder order;
    const std::string& module = parameter(request, "module");
    const auto known = from_slug<ProbeModule>(module.empty() ? slug(order.module) : module);
    if (!known) {
        return refusal(400, fmt::format("Unknown module {}; there are {}", shown(module),
                                        fmt::join(slugs_of<ProbeModule>, ", ")));
    }
    order.module = *known;
    const auto time = time_of(request.scrape_timeout);
    if (!time) {
        return refusal(500, fmt::format("Failed to parse timeout from Prometheus header: {} is no number of "
                                        "seconds",
                                        shown(request.scrape_timeout)));
    }
    order.timeout = *time;
    order.target = parameter(request, "target");
    if (order.target.empty()) {
        return refusal(400, "Target parameter is missing");
    }
    if (order.target.size() > max_target || has_odd_bytes(order.target)) {
        return refusal(400, fmt::format("target must be of at most {} bytes, without spaces and control "
                                        "characters; found {}",
                                        max_target, shown(order.target)));
    }
    order.debug = parameter(request, "debug") == "true";
    if (order.module == ProbeModule::dns) {
        if (auto fault = fault_of_query(request, order)) {
            return *std::move(fault);
        }
    } else if (auto fault = fault_of_hostname(request, order)) {
        return *std::move(fault);
    }
    return order;
}

}  // namespace whylink::daemon
