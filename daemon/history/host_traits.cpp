#include "daemon/history/host_traits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "config/outside_text.hpp"
#include "probes/host/proc_file.hpp"
#include "probes/tcp/socket_address.hpp"

namespace whylink::daemon {
namespace {

/// Addresses or routes in one value.
constexpr std::size_t max_listed = 16;
constexpr std::size_t max_value = 200;
constexpr auto least_step = std::chrono::seconds(2);

/// Sorted, each once, and how many are left out.
std::string listed(std::vector<std::string> items) {
    std::ranges::sort(items);
    items.erase(std::unique(items.begin(), items.end()), items.end());
    const std::size_t left_out = items.size() - std::min(items.size(), max_listed);
    items.resize(items.size() - left_out);
    return fmt::format("{}{}", fmt::join(items, ", "),
                       left_out > 0 ? fmt::format(", {} more", left_out) : "");
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<std::string> words_of(std::string_view line) {
    constexpr std::string_view blanks = " \t\r";
    std::vector<std::string> words;
    for (std::size_t at = line.find_first_not_of(blanks); at != std::string_view::npos;
         at = line.find_first_not_of(blanks, at)) {
        const std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
        words.emplace_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

/// Loopback and link-local ones are the same on every host, or follow from the link.
bool says_nothing(const IpAddress& address) {
    const std::string text = address.to_string();
    return text.starts_with("127.") || text == "::1" || text.starts_with("169.254.") ||
           text.starts_with("fe80:");
}

void add_addresses(Traits& traits) {
    const std::vector<IpAddress> all = probes::interface_addresses();
    // There is loopback at least: this process has no descriptor left to ask with.
    if (all.empty()) {
        return;
    }
    std::vector<std::string> addresses;
    for (const IpAddress& address : all) {
        if (!says_nothing(address)) {
            addresses.push_back(address.to_string());
        }
    }
    traits[{What::host_address, {}}] = listed(std::move(addresses));
}

/// "0101A8C0" of the kernel, in its own byte order: "192.168.1.1".
std::optional<std::string> gateway_text(std::string_view hexadecimal) {
    std::uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(hexadecimal.data(), hexadecimal.data() + hexadecimal.size(), number, 16);
    if (error != std::errc() || end != hexadecimal.data() + hexadecimal.size()) {
        return std::nullopt;
    }
    std::array<std::uint8_t, 4> bytes{};
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&number), bytes.size(), bytes.begin());
    return fmt::format("{}", fmt::join(bytes, "."));
}

/// Where the unit hides that file, systemd says the same in the environment (systemd.unit(5), "%b").
std::string boot_id(const std::filesystem::path& root) {
    const std::string text = probes::read_proc_file((root / "proc/sys/kernel/random/boot_id").c_str());
    if (!text.empty()) {
        return text.substr(0, text.find('\n'));
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets the environment
    const char* given = std::getenv("WHYLINK_BOOT_ID");
    return given == nullptr ? std::string() : given;
}

}  // namespace

void add_resolv_conf(std::string_view text, Traits& traits) {
    std::vector<std::string> servers;
    std::string rest;
    for (const std::string_view line : lines_of(text)) {
        const std::vector<std::string> words = words_of(line.substr(0, line.find_first_of("#;")));
        if (words.size() >= 2 && words.front() == "nameserver") {
            servers.push_back(printable(words[1]));
        } else if (!words.empty()) {
            rest += fmt::format("{}{}", rest.empty() ? "" : ", ", fmt::join(words, " "));
        }
    }
    // The order decides which one is asked first.
    traits[{What::resolvers, {}}] = fmt::format("{}", fmt::join(servers, ", "));
    traits[{What::resolv_conf, {}}] = shortened(printable(rest), max_value);
}

void add_default_routes(std::string_view proc_net_route, Traits& traits) {
    constexpr std::size_t columns = 8;
    std::vector<std::string> routes;
    for (const std::string_view line : lines_of(proc_net_route)) {
        // Iface Destination Gateway Flags RefCnt Use Metric Mask
        const std::vector<std::string> words = words_of(line);
        if (words.size() < columns || words[1] != "00000000" || words[7] != "00000000") {
            continue;
        }
        if (const auto gateway = gateway_text(words[2])) {
            routes.push_back(*gateway == "0.0.0.0" ? words[0] : fmt::format("{} {}", *gateway, words[0]));
        }
    }
    traits[{What::route, {}}] = listed(std::move(routes));
}

Traits traits_of_host(FirewallHash& firewall, const std::filesystem::path& root) {
    Traits traits;
    add_addresses(traits);
    if (const std::string routes = probes::read_proc_file((root / "proc/self/net/route").c_str());
        !routes.empty()) {
        add_default_routes(routes, traits);
    }
    if (const std::string text = probes::read_proc_file((root / "etc/resolv.conf").c_str()); !text.empty()) {
        add_resolv_conf(text, traits);
    }
    if (utsname system{}; uname(&system) == 0) {
        traits[{What::kernel, {}}] = printable(system.release);
    }
    // The whole identifier tells no more than its beginning.
    constexpr std::size_t shown = 8;
    const std::string boot = boot_id(root);
    if (!boot.empty()) {
        traits[{What::boot, {}}] = printable(boot.substr(0, shown));
    }
    if (const auto hash = firewall.now()) {
        traits[{What::firewall, {}}] = *hash;
    }
    return traits;
}

std::chrono::seconds ClockWatch::step(std::chrono::nanoseconds wall, std::chrono::nanoseconds boot) {
    const std::chrono::nanoseconds offset = wall - boot;
    const std::chrono::nanoseconds moved = offset - offset_.value_or(offset);
    offset_ = offset;
    return std::chrono::abs(moved) < least_step ? std::chrono::seconds(0)
                                                : std::chrono::round<std::chrono::seconds>(moved);
}

std::chrono::seconds ClockWatch::step() {
    timespec wall{};
    timespec boot{};
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_BOOTTIME, &boot);
    const auto span = [](const timespec& time) {
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    return step(span(wall), span(boot));
}

}  // namespace whylink::daemon
