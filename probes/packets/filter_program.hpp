// What a CompiledFilter holds, for those who hand it to libpcap.
#pragma once

#include <pcap/pcap.h>

#include "probes/packets/filter.hpp"

namespace whylink::probes {

struct CompiledFilter::Impl {
    bpf_program program{};  ///< owned, from pcap_compile

    explicit Impl(const bpf_program& compiled) : program(compiled) {}
    ~Impl() { pcap_freecode(&program); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
};

}  // namespace whylink::probes
