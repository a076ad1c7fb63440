#include "probes/host/limits.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <vector>

#include "probes/host/proc_file.hpp"
#include "probes/host/text_parts.hpp"

namespace whylink::probes {
namespace {

constexpr std::string_view blank = " \t\n";

std::string open_files_text() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return {};
    }
    return "all " + std::to_string(limit.rlim_cur) +
           " file descriptors of this process are in use (RLIMIT_NOFILE)";
}

std::string open_files_of_host_text() {
    const std::string content = read_proc_file("/proc/sys/fs/file-max");
    const auto words = split(content, blank);
    return words.empty()
               ? "all open files of this host are in use (fs.file-max)"
               : "all " + std::string(words.front()) + " open files of this host are in use (fs.file-max)";
}

struct PortRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t size() const { return last >= first ? last - first + 1 : 0; }
};

std::optional<PortRange> range_of(std::string_view text, std::string_view separators) {
    const auto words = split(text, separators);
    const auto first = words.empty() ? std::nullopt : number_of(words.front());
    const auto last = words.empty() ? std::nullopt : number_of(words.back());
    constexpr std::uint64_t max_port = 65535;
    if (!first || !last || *first > max_port || *last > max_port) {
        return std::nullopt;
    }
    return PortRange{*first, *last};
}

/// Of "8080,9000-9010", what lies in the range.
std::uint64_t reserved_in(const PortRange& range, std::string_view reserved) {
    std::uint64_t count = 0;
    for (const std::string_view part : split(reserved, ", \n")) {
        if (const auto block = range_of(part, "-")) {
            count += PortRange{std::max(block->first, range.first), std::min(block->last, range.last)}.size();
        }
    }
    return count;
}

/// The number behind a word on the line of sockstat that begins with "TCP:".
std::optional<std::uint64_t> tcp_count(std::string_view sockstat, std::string_view name) {
    for (const std::string_view line : split(sockstat, "\n")) {
        const auto words = split(line, blank);
        const auto found = std::ranges::find(words, name);
        if (line.starts_with("TCP:") && found != words.end() && found + 1 != words.end()) {
            return number_of(*(found + 1));
        }
    }
    return std::nullopt;
}

}  // namespace

std::string limit_text(int error) {
    switch (error) {
        case EMFILE:
            return open_files_text();
        case ENFILE:
            return open_files_of_host_text();
        default:
            return {};
    }
}

std::string local_ports_text(std::string_view range, std::string_view reserved, std::string_view sockstat) {
    const auto ports = range_of(range, blank);
    if (!ports) {
        return {};
    }
    const std::uint64_t usable = ports->size() - std::min(ports->size(), reserved_in(*ports, reserved));
    std::string text = "all " + std::to_string(usable) +
                       " local ports are in use (net.ipv4.ip_local_port_range " +
                       std::to_string(ports->first) + "-" + std::to_string(ports->last) + ")";
    const auto in_use = tcp_count(sockstat, "inuse");
    const auto waiting = tcp_count(sockstat, "tw");
    if (in_use && waiting) {
        text += "; this host has " + std::to_string(*in_use) + " IPv4 TCP sockets and " +
                std::to_string(*waiting) + " in TIME-WAIT";
    }
    return text;
}

std::string local_ports_text() {
    return local_ports_text(read_proc_file("/proc/sys/net/ipv4/ip_local_port_range"),
                            read_proc_file("/proc/sys/net/ipv4/ip_local_reserved_ports"),
                            read_proc_file("/proc/net/sockstat"));
}

}  // namespace whylink::probes
