// libpcap's handle on one interface, set up as Capture needs it. No event loop here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "probes/observation.hpp"
#include "probes/packets/filter.hpp"
#include "probes/packets/packet.hpp"

struct pcap;
struct bpf_program;

namespace whylink::probes {

struct CaptureSettings;

class PcapHandle {
  public:
    /// Captures from now on, behind a filter that nothing passes.
    static std::variant<PcapHandle, LocalError> open(const CaptureSettings& settings);

    LinkType link() const { return link_; }
    /// Readable when there is a packet, or an error; closed with this.
    int fd() const;
    /// The error is libpcap's text. Packets that pass while the filter is replaced are lost: libpcap lets
    /// nothing through for that instant.
    std::optional<std::string> set_filter(const CompiledFilter& filter);

    struct Read {
        int packets = 0;
        std::optional<std::string> error;  ///< the interface is gone; the handle is of no more use
    };
    /// Hands on what is in the ring, `most` packets at most. What `take` throws comes out again.
    Read read(int most, const std::function<void(const Frame&)>& take);
    /// Packets that the kernel dropped since the call before: the ring was full.
    std::uint64_t take_dropped();

  private:
    struct Close {
        void operator()(pcap* handle) const;
    };
    using Owned = std::unique_ptr<pcap, Close>;
    PcapHandle(Owned handle, LinkType link) : handle_(std::move(handle)), link_(link) {}
    std::optional<std::string> install(bpf_program program);

    Owned handle_;
    LinkType link_;
    std::uint32_t dropped_ = 0;  ///< libpcap's counter when last read; it wraps
};

}  // namespace whylink::probes
