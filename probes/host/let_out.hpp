// Whether a connecting socket's SYN passed this host's own rules, as its connection tracking knows.
#pragma once

namespace whylink::probes {

/// True when the connection is tracked: the kernel enters it behind the last rule that a packet passes on its
/// way out. Then a SYN that left nowhere towards its address was not dropped but translated (DNAT, as
/// Kubernetes does it). False says nothing: not every VM tracks. Needs no privilege.
bool let_out(int fd, bool v6);

}  // namespace whylink::probes
