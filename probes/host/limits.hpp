// Limits of this host and of this process that keep a connection from being made, with their numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "probes/observation.hpp"

namespace whylink::probes {

/// What errno says of a limit, for people: "all 64 file descriptors of this process are in use (RLIMIT_NOFILE)" of EMFILE,
/// "all 800000 open files of this host are in use (fs.file-max)" of ENFILE. Empty for any other error. After EMFILE no
/// file can be read, so that only system calls are made for it.
std::string limit_text(int error);

/// Of connect() that found no free local port (EADDRNOTAVAIL): the ports that there are
/// (net.ipv4.ip_local_port_range less ip_local_reserved_ports, of both families) and the sockets that hold some.
std::string local_ports_text();

/// The same from the content of these files and of /proc/net/sockstat; empty when the range cannot be read.
std::string local_ports_text(std::string_view range, std::string_view reserved, std::string_view sockstat);

}  // namespace whylink::probes
