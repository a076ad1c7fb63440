// What a CompiledFilter holds, for those who hand it to libpcap.
#pragma once

#include <pcap/pcap.h>

#include "probes/packets/filter.hpp"

namespace whylink::probes {

struct CompiledFilter {
    bpf_program program{};  ///< owned, from pcap_compile

    explicit CompiledFilter(const bpf_program& compiled) : program(compiled) {}
    ~CompiledFilter() { pcap_freecode(&program); }
    CompiledFilter(const CompiledFilter&) = delete;
    CompiledFilter& operator=(const CompiledFilter&) = delete;
};

}  // namespace whylink::probes
