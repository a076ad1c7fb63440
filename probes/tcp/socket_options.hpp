// Where a probe's connection leaves this host: source address, device, mark.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/address.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

struct SocketOptions {
    std::optional<IpAddress> source_address;
    std::string interface;              ///< SO_BINDTODEVICE, see socket(7); empty: none
    std::optional<std::uint32_t> mark;  ///< SO_MARK; needs CAP_NET_ADMIN
};

/// A call of the system's that failed; `error` is its errno.
LocalError system_error(std::string operation, int error);

/// Want of memory, buffers, descriptors or local ports: it says nothing about the peer or the path to it.
/// EAGAIN is how connect(2) says that a datagram socket got no local port.
bool is_want_of_resources(int error);

/// Nothing in the routing table, or no source address of the family.
bool means_no_route(int error);

/// Applies them to an unconnected socket; the error names the option that failed.
std::optional<LocalError> apply(const SocketOptions& options, int fd);

/// Whether this host has a route to the address (a connected UDP socket, nothing is sent). False only for want
/// of a route or of a source address of the family; any other error counts as a route.
bool has_route(const IpAddress& address, const SocketOptions& options = {});

}  // namespace whylink::probes
