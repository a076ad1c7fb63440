#include "control/aws/instance.hpp"

#include <algorithm>
#include <utility>

#include "config/outside_text.hpp"
#include "control/aws/parse.hpp"

namespace whylink::control {

namespace {

/// Network interfaces and addresses that are read of one host.
constexpr std::size_t max_interfaces = 8;
constexpr std::size_t max_lines = 64;

std::vector<std::string> lines_of(const Reply& reply) {
    std::vector<std::string> lines;
    std::string_view rest = reply.result == Result::ok ? std::string_view(reply.body) : std::string_view();
    while (!rest.empty() && lines.size() < max_lines) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (!line.empty()) {
            lines.push_back(outside_text(line));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return lines;
}

std::string line_of(const Reply& reply) {
    const std::vector<std::string> lines = lines_of(reply);
    return lines.empty() ? std::string() : lines.front();
}

Interface interface_of(AwsMetadata& metadata, const std::string& folder, const std::string& zone,
                       std::chrono::steady_clock::time_point until) {
    const auto get = [&](const char* item) { return metadata.item(folder + item, until); };
    Interface made;
    made.id = line_of(get("interface-id"));
    made.subnet = line_of(get("subnet-id"));
    made.network = line_of(get("vpc-id"));
    made.zone = zone;
    made.security_groups = lines_of(get("security-group-ids"));
    for (const char* item : {"local-ipv4s", "ipv6s"}) {
        for (const std::string& line : lines_of(get(item))) {
            if (const auto address = IpAddress::parse(line)) {
                made.addresses.push_back(*address);
            }
        }
    }
    return made;
}

}  // namespace

std::variant<Instance, Reply> aws_instance(AwsMetadata& metadata,
                                           std::chrono::steady_clock::time_point until) {
    Reply document = metadata.document(until);
    if (document.result != Result::ok) {
        return document;
    }
    auto found = parse_instance_document(document.body);
    if (!found) {
        document.result = Result::error;
        document.detail = "answer not readable: instance identity document";
        return document;
    }
    Instance instance = std::move(*found);
    instance.origin.read_at = document.read_at;
    instance.zone_id = line_of(metadata.item("placement/availability-zone-id", until));
    instance.identity = line_of(metadata.item("iam/security-credentials/", until));
    const std::string folder = "network/interfaces/macs/";
    for (std::string mac : lines_of(metadata.item(folder, until))) {
        if (instance.interfaces.size() == max_interfaces) {
            break;
        }
        mac += mac.ends_with('/') ? "" : "/";
        Interface made = interface_of(metadata, folder + mac, instance.zone, until);
        made.zone_id = instance.zone_id;
        instance.interfaces.push_back(std::move(made));
    }
    return instance;
}

}  // namespace whylink::control
