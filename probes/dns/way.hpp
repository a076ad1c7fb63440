// How a query is made: what is changed against the ordinary one.
#pragma once

namespace whylink::probes {

struct DnsWay {
    bool over_tcp = false;  ///< from the start (RFC 7766), as `options use-vc` of resolv.conf(5) has it
    bool checking_disabled = false;  ///< the CD bit: the resolver is not to validate (RFC 4035 section 3.2.2)
    bool operator==(const DnsWay&) const = default;
};

}  // namespace whylink::probes
