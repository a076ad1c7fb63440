// Every text about a cause: `explain` prints them and a diagnosis takes its remediation from them.
#include <array>

#include "checks/table/cause.hpp"

namespace whylink::checks {
namespace {

using enum Cause;
using enum config::Provider;

constexpr Step dns_missing_steps[]{
    {generic,
     "Ask the cloud's own resolver for {host} from this VM: when it knows the name, the resolver in use does "
     "not forward the private zone to it."},
    {generic, "Check the spelling of {host}, its region part included."},
    {aws,
     "Switch private DNS on for the interface endpoint, or create a private hosted zone with a record for "
     "{host} and associate it with this VPC; enableDnsSupport and enableDnsHostnames of the VPC must be on."},
    {azure,
     "Link the private DNS zone to this VM's virtual network, and create the record (or `*`) with the "
     "private endpoint's address. From outside the virtual network forward the public zone, not "
     "privatelink.*, to an inbound endpoint of the DNS private resolver."},
    {gcp,
     "Create the private Cloud DNS zone with an A record for {host} that holds the address of the Private "
     "Service Connect endpoint, and make it visible to this VPC network."},
};

constexpr Step dns_bypassed_steps[]{
    {generic,
     "Send queries for {host} to a resolver inside the private network; the public answer leads around the "
     "private endpoint."},
    {generic, "Look for an entry in /etc/hosts, a proxy or a DNS-over-HTTPS client that answers first."},
    {aws,
     "Switch private DNS on for the interface endpoint; enableDnsSupport and enableDnsHostnames of the VPC "
     "must be on. Give the VPC's resolver (base address plus 2, or 169.254.169.253) to this VM."},
    {azure,
     "Link the privatelink zone to this VM's virtual network and create the missing record; the fallback to "
     "internet resolution hides a missing one. Use 168.63.129.16 or a resolver that forwards to it."},
    {gcp,
     "Make the private Cloud DNS zone visible to this VPC network, and check that no outbound server policy "
     "sends the name elsewhere."},
};

constexpr Step wrong_record_steps[]{
    {generic,
     "Compare {answers} with the address that the private endpoint has now: records outlive an endpoint that "
     "was deleted or made again. Correct the record, or `expect` when the endpoint has moved."},
    {generic, "Wait for the old record's TTL to run out in the resolvers' caches, or flush them."},
    {aws,
     "Look up the endpoint's network interfaces (describe-vpc-endpoints, NetworkInterfaceIds) and correct "
     "the record of the hosted zone."},
    {azure,
     "Look up the address in the private endpoint's network interface, and use a DNS zone group so that the "
     "record follows it; two private endpoints that share a zone overwrite each other's record."},
    {gcp,
     "Look up the forwarding rule's address of the Private Service Connect endpoint and correct the record."},
};

constexpr Step wildcard_missing_steps[]{
    {generic,
     "Create the record `*` in {zone} with the private endpoint's address, so that every service of the region resolves."},
    {generic, "Check that this resolver sees the zone at all, and not an older copy of it."},
    {azure,
     "In the private DNS zone {zone} add a record set named `*`, type A; one record set for the zone is "
     "enough."},
    {aws,
     "In the private hosted zone {zone} add `*` with the addresses of the interface endpoint, or an alias to its DNS name."},
    {gcp, "In the private Cloud DNS zone {zone} add `*`, or one A record for each service in use."},
};

constexpr Step wildcard_overridden_steps[]{
    {generic,
     "List the records of {zone}: a name closer than `*` wins over it (RFC 4592), also when it has no "
     "address or only exists because of names beneath it. Remove or correct that record."},
    {generic, "Look for a second zone of the same or a longer name that this resolver answers from."},
};

constexpr Step disagree_steps[]{
    {generic,
     "Compare the answers in the evidence and find out which resolver is right; applications get now one, now the other."},
    {generic,
     "Let every resolver forward the private zone to the same place, the cloud's own resolver, or take the "
     "wrong one out of /etc/resolv.conf and DHCP."},
    {generic, "After a recent change, wait for the TTL of the old answer."},
};

constexpr Step rewrites_steps[]{
    {generic,
     "Switch off the rewriting of NXDOMAIN (search pages, captive portals, catch-all zones, filter lists) at "
     "{resolver}, or use another resolver: as long as it answers everything, no answer proves that a record "
     "exists."},
};

constexpr Step resolver_unreachable_steps[]{
    {generic,
     "When no nameserver is configured: see why /etc/resolv.conf is missing, empty, unreadable or a link "
     "that leads nowhere (DHCP, systemd-resolved), and name the network's resolver there."},
    {generic, "Check that UDP and TCP pass from this VM to {resolver}: security group, firewall, route."},
    {generic,
     "Check that the resolver runs, and take one that no longer exists out of /etc/resolv.conf and DHCP: "
     "each query to it costs applications seconds."},
    {aws,
     "169.254.169.253 and the VPC's base address plus 2 answer only inside the VPC; from elsewhere ask a "
     "Route 53 inbound endpoint and check its security group."},
    {azure,
     "168.63.129.16 answers only inside the virtual network; from elsewhere ask an inbound endpoint of the "
     "DNS private resolver."},
    {gcp,
     "169.254.169.254 answers only inside the VPC network; from elsewhere ask an inbound server policy's "
     "address."},
};

constexpr Step resolver_failing_steps[]{
    {generic,
     "Ask {resolver} for other names: when those work, its forwarding of this zone is broken (dead target, "
     "loop, DNSSEC validation of a zone that is only private)."},
    {generic,
     "REFUSED means that the resolver does not serve this VM: put this VM's network on its access list."},
    {azure,
     "Forward the public zone (database.windows.net, say), not privatelink.*, to the virtual network's "
     "resolver."},
    {aws,
     "Check the Route 53 resolver rule for the zone, and that its outbound endpoint reaches the target."},
};

constexpr Step syn_steps[]{
    {generic,
     "Check that the connection is accepted on the service's side: pending and rejected connections are not "
     "answered."},
    {generic,
     "Check every rule between this VM and {address}: outbound for this VM, inbound for the endpoint, port "
     "{port}, and this VM's own firewall."},
    {aws,
     "In the endpoint's state look for pendingAcceptance, rejected or failed. Its security group must allow "
     "inbound TCP {port} from this VM, this VM's security group outbound TCP {port}, and the network ACLs "
     "both directions with ports 1024 to 65535 for the replies."},
    {azure,
     "The private endpoint's connection status must be Approved. Check network security groups, user-defined "
     "routes and peering; the effective routes of this VM's interface must show {address} with next hop "
     "InterfaceEndpoint. A standard load balancer whose probes all fail drops new connections silently."},
    {gcp,
     "The endpoint's pscConnectionStatus must be ACCEPTED. Check egress firewall rules, and switch on global "
     "access when this VM is in another region."},
    {generic, "On the service's side check that its load balancer has healthy targets for port {port}."},
};

constexpr Step one_address_steps[]{
    {generic,
     "Have the zone behind {address} repaired; until then applications that pick it fail, those that pick "
     "{working} work."},
    {aws,
     "Switch cross-zone load balancing on, or put a healthy target into that Availability Zone; where "
     "several load balancers stand behind the service, their listeners must be the same. Check the network "
     "ACL of that subnet."},
    {generic, "Take the failing address out of DNS when its zone is gone."},
};

constexpr Step refused_steps[]{
    {generic,
     "Check that port {port} is the right one, and that the service behind {address} runs and listens on it, "
     "on more than loopback."},
    {generic,
     "Look for a firewall that answers with an RST (reject with tcp reset) on this VM, on the path and on the server."},
    {aws,
     "A Network Load Balancer without healthy targets passes connections on to all of them: check the target "
     "group's port and health."},
    {azure,
     "Check that the load balancer behind the Private Link service has a rule for the port and healthy "
     "backends."},
};

constexpr Step prohibited_steps[]{
    {generic,
     "Find the device that sent the ICMP error (its address is in the evidence) and let it pass TCP port "
     "{port} from this VM to {address}. Cloud security groups drop silently: this is a router, a firewall "
     "appliance or the server's own firewall."},
};

constexpr Step local_firewall_steps[]{
    {generic,
     "List this VM's rules (`nft list ruleset`, `iptables -S`, `ip rule`, `ip route show type prohibit`) and "
     "allow the traffic in the evidence; look for endpoint protection that filters with eBPF, and in the "
     "kernel's log for a full connection-tracking table (`nf_conntrack: table full`), which also refuses."},
    {generic,
     "When an answer arrives and is dropped, look at the reverse-path filter too (`sysctl "
     "net.ipv4.conf.all.rp_filter`, `nstat -az TcpExtIPReversePathFilter`): it drops what comes in by "
     "another interface than the route to its source leads through."},
};

constexpr Step no_route_steps[]{
    {generic,
     "Look at `ip route get {address}` on this VM: the route must lead to the network of the endpoint."},
    {generic,
     "When this VM itself reports that no neighbour answers, nothing has the address any more: check that "
     "the endpoint still exists and that DNS gives its present address."},
    {generic,
     "Check peering, VPN and route tables to the endpoint's network; the ICMP sender in the evidence is the "
     "router that gave up."},
};

constexpr Step allow_list_steps[]{
    {generic,
     "Add {endpoint_id} to the allow-list of {service}. An approved connection alone is not enough: the "
     "service resets every endpoint that its own list does not have."},
    {aws, "The identifier is the interface endpoint's ID (vpce-…)."},
    {azure,
     "The identifier is the private endpoint's resourceGuid: open the private endpoint in the portal, JSON "
     "View."},
    {gcp,
     "The identifier is the PSC connection ID, a decimal number (pscConnectionId of the forwarding rule)."},
    {generic,
     "When {host} is a public name, it is the service's IP access list that needs this VM's public address."},
    {generic,
     "Check that the name in use is this service's private name: the list belongs to the name sent in TLS."},
    {generic,
     "When no allow-list is involved: ask whether the server waits for a PROXY header, or speaks TLS at all on port {port}."},
};

constexpr Step reset_mid_steps[]{
    {generic,
     "Look at the server's log for the time of this check: the connection had come up, and then the server, "
     "or something in its name, ended it."},
    {generic,
     "Look for a device on the path that cuts connections: TLS inspection, an idle time-out, a maximum of "
     "connections."},
    {aws,
     "When it is idle connections that are dropped: a Network Load Balancer forgets a connection after 350 s "
     "without a packet, for TLS listeners always, for TCP listeners by `tcp.idle_timeout.seconds` (60 to "
     "6000). Let the clients send TCP keep-alives sooner than that, or set the attribute higher."},
    {azure,
     "When it is idle connections that are dropped: Azure's load balancers forget a connection after 4 "
     "minutes without a packet by default, a Private Link Service after 4 to 5. Let the clients send TCP "
     "keep-alives every 2 to 3 minutes, and enable TCP reset on the load balancer's rule."},
    {gcp,
     "When it is idle connections that are dropped: let the clients send TCP keep-alives more often than the "
     "time of idleness in the evidence."},
};

constexpr Step reset_in_path_steps[]{
    {generic,
     "Compare the TTL and the timing of the RST with those of the SYN-ACK, and find the firewall or "
     "inspection device between this VM and {address}."},
};

constexpr Step silent_steps[]{
    {generic,
     "Check on the service's side that the load balancer has a healthy target and that the server answers "
     "locally."},
    {generic,
     "Check that port {port} speaks TLS: a plain-text service (Redis, for one) waits in silence for more "
     "after a ClientHello. For a plain-text service set `tls = false`."},
    {generic,
     "Ask whether the server waits for a PROXY header, and look for a path MTU problem: try with an MTU of "
     "1300 on this VM's interface."},
    {generic,
     "When it is a service of this VM whose queue is full (`ss -lnt`, Recv-Q above Send-Q), see why the "
     "application accepts no connections, and at its backlog and `net.core.somaxconn`."},
};

constexpr Step mtu_steps[]{
    {generic,
     "Let ICMP type 3 code 4 (IPv6: type 2) pass everywhere on the path, or clamp the TCP maximum segment "
     "size to what passes; lower the MTU of this VM's interface as a test."},
    {aws, "An interface endpoint passes at most 8500 bytes and sends no ICMP for larger packets."},
    {azure, "Keep the MTU at 1500; over ExpressRoute 1400, over a VPN gateway a segment size of 1350."},
};

constexpr Step proxy_steps[]{
    {generic,
     "Set `proxy_protocol` as the server on {address} port {port} has it, or bring the load balancer and the "
     "server to the same setting: both with the PROXY header, or both without."},
    {aws, "The setting is the target group's attribute proxy_protocol_v2.enabled."},
    {azure,
     "The setting is enableProxyProtocol of the Private Link service; health probes carry the header too."},
};

constexpr Step wrong_service_steps[]{
    {generic,
     "Find out what answers at {address} port {port} (the evidence says what it looks like): a stale record, "
     "a wrong port, a load balancer rule that leads elsewhere."},
    {generic,
     "When the certificate is another host's, use the service's own name, with `tls.server_name` where it "
     "differs from `host`; the endpoint's technical name (vpce-…) is in no service's certificate."},
    {generic,
     "When the service speaks plain text on purpose, set `tls = false`; when it speaks TLS and the check "
     "does not, set `tls = true`."},
    {generic,
     "When it is the right server and only the answer is not (HTTP 404, a redirect, 421), compare path, host "
     "name and expected status with what the service serves: `http_path`, `http_status`, `host`, "
     "`expect_script`."},
};

constexpr Step service_failing_steps[]{
    {generic,
     "The link works; look at the service's own status and log, at its limit of connections, and at the "
     "health of the targets behind its load balancer."},
    {generic,
     "A proxy's own 502, 503 or 504 means that the proxy has no backend that works: look at what stands "
     "behind it."},
};

constexpr Step certificate_steps[]{
    {generic,
     "Compare this VM's clock with the dates in the evidence (`timedatectl`): a wrong clock makes good "
     "certificates fail."},
    {generic,
     "Expired or about to expire: renew the certificate on the server, with its whole chain, and reload it."},
    {generic,
     "Untrusted: give the issuing authority in `tls.ca_file`, or install it in the system's store; have the "
     "server send its intermediate certificates. An issuer that nobody knows points at TLS inspection."},
};

constexpr Step tls_incompatible_steps[]{
    {generic,
     "Compare the versions and ciphers of both sides; `tls.min_version` says what this check accepts."},
    {generic,
     "unrecognized_name: send the private host name as server name (`tls.server_name`), not a CNAME's target "
     "nor an address."},
    {generic, "internal_error and the like are the server's own: look at its log."},
    {generic,
     "No TLS inside PostgreSQL's or MySQL's protocol: switch it on at the server (`ssl = on`, a "
     "certificate), or at the pooler or proxy that answers in its place; where plain text is meant, set `tls = false`."},
    {generic,
     "Data that cannot be read after the ServerHello: look for a device or proxy that changes or inspects "
     "TLS on the path (does the check pass from another network?), and at the server's log."},
};

constexpr Step client_certificate_steps[]{
    {generic,
     "Give a client certificate and key that the service accepts: `tls.cert_file` and `tls.key_file`."},
    {generic,
     "When one was sent, check that it is valid today, has its intermediates, and is from the authority that "
     "the service trusts."},
};

constexpr Step access_steps[]{
    {generic,
     "The service was reached: put {endpoint_id} or this VM's network into the service's access filter, and "
     "check that the private name is in use and not the public one."},
    {generic,
     "MySQL or MariaDB says \"Host … is blocked because of many connection errors\": unblock it there with "
     "`mysqladmin flush-hosts` (FLUSH HOSTS), find what connects without logging in (health checks of load "
     "balancers do), and raise `max_connect_errors`."},
    {generic,
     "Redis in protected mode, PostgreSQL without a line for this network in pg_hba.conf and MySQL without "
     "an account for this host refuse by the address that they see, which may be the load balancer's."},
};

constexpr Step inbound_steps[]{
    {generic,
     "Check on the other side that the traffic is sent and where it goes; on this side the load balancer's "
     "listener, targets and health checks, and the endpoint service's accepted connections."},
};

constexpr Step local_network_steps[]{
    {generic,
     "Look at this VM first: `ip addr`, `ip route`, the interface's state, its security group, and whether "
     "its network's gateway answers."},
};

constexpr Step local_limit_steps[]{
    {generic,
     "Remove the limit that the evidence names (LimitNOFILE, a missing capability, a file, a source address "
     "that this VM does not have) and check again; nothing is known about the service until then."},
};

constexpr Step intermittent_steps[]{
    {generic,
     "See in the evidence what the failed rounds have in common: `whylink explain CAUSE` says of each cause "
     "what it means and what mends it."},
    {generic,
     "Run `whylink check {name}` a few times and compare the rounds: when it is always the same address or "
     "resolver that fails, it is that one; when all of them do, it is what they share."},
    {generic,
     "Compare the times of the failures with load, deployments, scheduled jobs and maintenance, and look for "
     "\"nf_conntrack: table full\" in the kernel's log of this VM."},
    {aws,
     "At the service's Network Load Balancer look for targets that flap (UnHealthyHostCount) and for ports "
     "that run out (PortAllocationErrorCount): through PrivateLink each target takes some 55,000 connections "
     "a minute, and more targets take more."},
    {azure,
     "Look at the NAT ports in use of the Private Link service and at the health probes of the load balancer "
     "behind it; more NAT addresses give more ports."},
    {gcp,
     "Look whether the NAT subnet of the published service has run out (the connection then says \"Needs "
     "attention\") and at the health checks of its backends; a larger subnet gives more ports."},
};

constexpr std::array<CauseText, 32> texts{{
    {healthy,
     "healthy",
     "healthy",
     "Everything that was probed works.",
     "Every address passes its last stage and every resolver answers acceptably.",
     {}},
    {private_dns_missing, "private_dns_missing", "the private name does not exist here",
     "The private name does not exist for this VM: the zone is not linked or not created, private DNS is "
     "off, or the record is missing.",
     "Every resolver that replies says NXDOMAIN or NODATA. A public answer would be private_dns_bypassed; an "
     "address at one resolver beside NXDOMAIN at another is resolvers_disagree. The cloud's own resolver "
     "tells a zone that is missing from one that the resolver in use does not get to; a random name of the "
     "zone tells the record from the zone.",
     dns_missing_steps},
    {private_dns_bypassed, "private_dns_bypassed", "the private name answers with a public address",
     "The name resolves, but to a public address: connections go over the internet, or to a front end that refuses them.",
     "The address lies outside private address space and outside `expect`. A CNAME through a private-link "
     "zone that ends in a public address means that the private zone is not in effect for this VM.",
     dns_bypassed_steps},
    {wrong_dns_record, "wrong_dns_record", "a private address, but not the endpoint's",
     "DNS gives an address that is not the endpoint's: a stale record, an endpoint that was made again, two "
     "endpoints in one zone; or the public name leads to the private address.",
     "The answer lies outside `expect`, or is loopback, link-local, unspecified or multicast. Without "
     "`expect` a stale private record cannot be told from a right one.",
     wrong_record_steps},
    {wildcard_missing, "wildcard_missing", "no wildcard record in the zone",
     "No random name of the zone resolves: the record `*` is missing, so that only names with a record of their own work.",
     "The random names do not exist at any resolver. When a known label is missing too, the zone itself is: "
     "private_dns_missing.",
     wildcard_missing_steps},
    {wildcard_overridden, "wildcard_overridden", "some names of the zone go elsewhere, or nowhere",
     "The wildcard does not cover every name: a record closer to the name has another address or none.",
     "Some names of the zone have the right address while others, asked of the same resolver, have another "
     "one or none. NODATA means that the name exists without an address.",
     wildcard_overridden_steps},
    {resolvers_disagree, "resolvers_disagree", "the resolvers give different answers",
     "The configured resolvers do not say the same about a name: a split horizon, a forwarder that is "
     "missing at one of them, an old copy.",
     "An address at one resolver beside none, or beside another kind of address, at the other. Answers that "
     "share an address, or all lie inside `expect`, agree.",
     disagree_steps},
    {resolver_rewrites, "resolver_rewrites", "the resolver answers names that do not exist",
     "The resolver gives an address for a random name outside the zone, so its answers do not prove that a record exists.",
     "The negative control has an address. Its time-out or refusal counts for nothing.", rewrites_steps},
    {resolver_unreachable, "resolver_unreachable", "no answer from the resolver",
     "A resolver gave no reply to anything.",
     "Silence, or an ICMP error. A reply that is no help (SERVFAIL, REFUSED, garbage) is resolver_failing.",
     resolver_unreachable_steps},
    {resolver_failing, "resolver_failing", "the resolver replies, but does not resolve",
     "A resolver is reachable, and answers SERVFAIL, REFUSED or garbage, or leaves some questions "
     "unanswered.",
     "A reply of whatever kind came from it. NXDOMAIN and NODATA are answers: private_dns_missing.",
     resolver_failing_steps},
    {syn_unanswered, "syn_unanswered", "connection attempts go unanswered",
     "SYNs to every address go unanswered: the connection is pending or rejected on the service's side, or a "
     "security group, NSG or firewall drops them.",
     "No SYN-ACK, no RST, no ICMP error within the time-out. Clouds do not document what a pending "
     "connection does on the wire everywhere, so the silence of a whole endpoint is never certain; where "
     "another port of the profile answers at the same address, it is this port alone. A silent rule of this "
     "VM looks the same at the socket; packets tell them apart: the SYNs are seen to leave and nothing comes "
     "back. Of a watched port it is the way back that is broken: this VM's SYN-ACKs leave and are never "
     "acknowledged.",
     syn_steps},
    {one_address_failing, "one_address_failing", "some addresses work and others do not",
     "Of the endpoint's addresses (one for each zone) some work end to end and others do not.",
     "The same name, port and handshake succeed at another address, so neither the name nor an allow-list "
     "explains it. Of watched traffic: no connection to some of the peers succeeds, and those to others do.",
     one_address_steps},
    {connection_refused, "connection_refused", "connection refused",
     "An RST answers the SYN: nothing listens on the port, or a firewall answers so.",
     "ECONNREFUSED without an ICMP error in the socket's error queue. With one, it is path_prohibited. Of a "
     "watched port of this VM: no socket listens on it, or on loopback only, and no connection to it "
     "succeeds (a port that is translated to a container's needs no socket here); an RST although a socket "
     "listens may also be a local rule's.",
     refused_steps},
    {path_prohibited, "path_prohibited", "a device on the path forbids it",
     "A router or firewall says by ICMP that a rule forbids the connection.",
     "The ICMP error's type and code; its sender is in the evidence. When this VM itself sent it: "
     "local_firewall.",
     prohibited_steps},
    {local_firewall, "local_firewall", "this VM's own rules block it",
     "A rule of this VM forbids the traffic.",
     "EPERM or EACCES from the kernel, or an ICMP prohibition that this VM itself made. A local rule that "
     "drops silently cannot be told from syn_unanswered by the socket, but by packets: no SYN leaves "
     "although the next hop is known (an address that is translated on the way out looks so too), or the "
     "SYN-ACK arrives and the kernel does not take it (a rule, or the reverse-path filter). Of a watched "
     "port: SYNs arrive, a socket listens with room in its queue, and no answer leaves.",
     local_firewall_steps},
    {no_route, "no_route", "unreachable",
     "The address cannot be reached: no route, a router that says so, or no neighbour that has the address.",
     "ENETUNREACH or EHOSTUNREACH at once, or ICMP network, host or protocol unreachable, or time exceeded; "
     "or no SYN leaves because the next hop does not answer ARP or neighbour discovery.",
     no_route_steps},
    {not_on_allowlist, "not_on_allowlist", "not on the service's allow-list",
     "The connection is accepted, then reset or closed before the server's first byte: the endpoint is not "
     "on the service's allow-list.",
     "TCP succeeds and no byte comes back; packets tell an RST that follows a FIN, which counts as closed. A "
     "server that waits for a PROXY header, one that speaks no TLS, and a device on the path can look the "
     "same; it is certain only where the profile knows that the service keeps such a list. Experiments show "
     "whether the server waits for a header, whether it lets another name in, and whether the very same "
     "fails again. A FIN instead of an RST points rather at a proxy without a backend.",
     allow_list_steps},
    {reset_mid_connection, "reset_mid_connection", "ended after the first byte",
     "The server had begun to answer when the connection was reset or closed.",
     "Bytes of the server came first; before them it would be not_on_allowlist. While the checks pass: a "
     "connection that was held idle (`hold`) was reset, or its use was not answered. A FIN in that time is "
     "the idle time-out of a server or proxy, and no fault. A server that was started again in between looks "
     "the same once; a time-out comes again after the same time.",
     reset_mid_steps},
    {reset_in_path, "reset_in_path", "a device on the path resets",
     "The RST was sent by a device on the path and not by the server.",
     "Only packets show it. Certain: the server goes on to send, or to acknowledge, after an RST in its "
     "name. A sign only: a TTL that no other packet of the server has (a load balancer of the service may "
     "answer so), or an RST in the middle of what was sent. One that comes sooner than the path is long only "
     "leaves it open, for clouds are slow with the first packet. An RST with the server's TTL, in its place "
     "and with an acknowledgement is taken for its own.",
     reset_in_path_steps},
    {backend_silent, "backend_silent", "accepted, then silence",
     "The connection is accepted and nothing more comes: no healthy target, a hung backend, or one that "
     "waits for a PROXY header.",
     "No byte, no FIN and no RST within the time-out after the ClientHello, or after the application's "
     "request: behind a handshake that passed, what ends TLS works and what stands behind it does not. A "
     "plain-text service and a path MTU black hole look the same. Packets show whether the ClientHello was "
     "acknowledged, which every server's kernel does: when not, something in front of the server accepts, or "
     "drops what follows. Of a watched port: SYNs go unanswered while the queue of connections to accept is "
     "full. It is certain where small segments, plain text and a PROXY header were met with the same silence.",
     silent_steps},
    {path_mtu_black_hole, "path_mtu_black_hole", "full-sized packets are lost",
     "Small packets pass, full-sized ones do not, and no ICMP error says so.",
     "Packets show a full-sized segment that is sent again and again and never acknowledged, or that is "
     "missing in front of a smaller one which arrived; or a router names what it lets pass, and the "
     "connection sends more all the same. Once is not certain, for a packet may be lost. The handshake "
     "passes with a small maximum segment size and stalls without.",
     mtu_steps},
    {proxy_protocol_mismatch, "proxy_protocol_mismatch", "PROXY header on one side only",
     "One side sends or waits for a PROXY header and the other does not.",
     "The server's first bytes are a PROXY header; or the handshake passes only behind one. A server that "
     "does not expect the configured header answers HTTP 400, an error of its own protocol, RST, FIN or "
     "nothing, which others do too. Of a watched port: connections begin with one and this VM ends them "
     "without a byte.",
     proxy_steps},
    {wrong_service, "wrong_service", "something else answers there",
     "What answers is not the service: not TLS, another protocol, the certificate of another host, or an "
     "answer that the config does not expect.",
     "The first bytes are not TLS or not the application's (the evidence says what they look like), or no "
     "name of the certificate is the one asked for. The right protocol with an unexpected answer (HTTP 404, "
     "say) is less certain: the service itself may have lost what it served.",
     wrong_service_steps},
    {service_failing, "service_failing", "the service says that it cannot serve",
     "The right application answers, and says that it cannot serve: HTTP 5xx, MQTT return code 3, Redis out "
     "of clients.",
     "The application's own protocol carries the refusal, so the link and the allow-list are fine. An answer "
     "that refuses only this network is access_forbidden.",
     service_failing_steps},
    {certificate_problem, "certificate_problem", "the certificate is not valid",
     "The server's certificate is expired, not yet valid, untrusted, or expires soon; or this VM's clock is "
     "wrong.",
     "The handshake works and the name is right; `faults` lists what verification found. The wrong name is "
     "wrong_service.",
     certificate_steps},
    {tls_incompatible, "tls_incompatible", "TLS versions, ciphers or settings do not match",
     "Both sides speak TLS and cannot agree: version, cipher, an alert of the server, or data after its "
     "ServerHello that is no valid TLS; or the server offers no TLS inside its own protocol.",
     "Alert 70 or 71 or our own refusal says so outright; alert 40, 80 and 112 are less certain, and so is "
     "what cannot be read.",
     tls_incompatible_steps},
    {client_certificate_required, "client_certificate_required", "a client certificate is required",
     "The server wants a client certificate, and got none or one that it refuses.",
     "It asked for one and then sent certificate_required, bad_certificate or the like; with TLS 1.3 only "
     "after the handshake was complete for the client. Web servers may complete the handshake and answer "
     "with HTTP 400.",
     client_certificate_steps},
    {access_forbidden, "access_forbidden", "reached, and refused by the application",
     "The application was reached and refuses this network or endpoint.",
     "An answer of the application, HTTP 403 say, over a connection that works. A request for credentials is "
     "no refusal: the application was reached.",
     access_steps},
    {no_inbound_traffic, "no_inbound_traffic", "no traffic arrives",
     "The watched service sees no packets for longer than `expect_traffic`.",
     "Packets are seen before this VM's own firewall, so a local rule does not hide them. When nothing "
     "listens either, that is said first: connection_refused.",
     inbound_steps},
    {local_network_down, "local_network_down", "this VM's own network is down",
     "Everything fails at the network and no resolver replies: the fault is this VM's own network.",
     "Every target fails alike without a reply from any resolver; or, for one target, this VM has no route "
     "at all. One reply from anywhere excludes it.",
     local_network_steps},
    {local_limit, "local_limit", "the probe could not be made",
     "A limit or setting of this VM kept the probe from being made; nothing is known about the service.",
     "The error is this VM's own: file descriptors, permission, a file, a source address.",
     local_limit_steps},
    {intermittent, "intermittent", "fails now and then",
     "Some of the last rounds failed and others passed, to and fro: something on the way works only part of "
     "the time.",
     "Of the last 10 rounds at least two failed and at least two passed, and the result changed at least "
     "twice. What broke once, or was mended once, is called what its latest round shows. While the latest "
     "round fails, its own cause is the alternative. Only the daemon sees it: a single check has no history.",
     intermittent_steps},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (static_cast<std::size_t>(texts[i].cause) != i) {
            return false;
        }
    }
    return texts.size() == static_cast<std::size_t>(intermittent) + 1;
}
static_assert(in_order());

}  // namespace

std::span<const CauseText> cause_texts() {
    return texts;
}

}  // namespace whylink::checks
