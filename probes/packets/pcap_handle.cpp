#include "probes/packets/pcap_handle.hpp"

#include <fcntl.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "probes/packets/capture.hpp"
#include "probes/packets/filter_program.hpp"

namespace whylink::probes {
namespace {

std::optional<LinkType> link_type(int value) {
    for (const LinkType known : {LinkType::null, LinkType::ethernet, LinkType::raw_ip, LinkType::loop,
                                 LinkType::cooked_v1, LinkType::cooked_v2}) {
        if (static_cast<int>(known) == value) {
            return known;
        }
    }
    return std::nullopt;
}

LocalError failed(const CaptureSettings& settings, int error, const std::string& text) {
    return {"capture on " + settings.interface, error, text};
}

LocalError activation_failed(pcap_t* handle, int status, const CaptureSettings& settings) {
    switch (status) {
        case PCAP_ERROR_PERM_DENIED:
        case PCAP_ERROR_PROMISC_PERM_DENIED:
            return failed(settings, EPERM, "no permission to capture packets: CAP_NET_RAW is missing");
        case PCAP_ERROR_NO_SUCH_DEVICE:
            return failed(settings, ENODEV, "no such interface");
        case PCAP_ERROR_IFACE_NOT_UP:
            return failed(settings, ENETDOWN, "the interface is down");
        default: {
            const std::string text = pcap_geterr(handle);
            return failed(settings, 0, text.empty() ? pcap_statustostr(status) : text);
        }
    }
}

void configure(pcap_t* handle, const CaptureSettings& settings) {
    // These fail on an active handle only.
    pcap_set_snaplen(handle, settings.snapshot_length);
    pcap_set_promisc(handle, 0);
    // TPACKET_V2: a packet can be read as soon as the kernel has seen it; V3 would hold it back until its
    // block is full. And a frame of the ring is as large as the snapshot, not as the largest packet.
    pcap_set_immediate_mode(handle, 1);
    constexpr std::size_t most = std::numeric_limits<int>::max();
    pcap_set_buffer_size(handle, static_cast<int>(std::min(settings.buffer, most)));
    pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
}

/// What a callback of libpcap's gets. Nothing may be thrown through C.
struct Reading {
    const std::function<void(const Frame&)>& take;
    bool nanoseconds;
    pcap_t* handle;
    std::exception_ptr thrown;
};

Nanoseconds time_of(const pcap_pkthdr& header, bool nanoseconds) {
    const auto fraction =
        nanoseconds ? Nanoseconds(header.ts.tv_usec) : std::chrono::microseconds(header.ts.tv_usec);
    return std::chrono::seconds(header.ts.tv_sec) + fraction;
}

void hand_on(u_char* user, const pcap_pkthdr* header, const u_char* bytes) noexcept {
    Reading& reading = *reinterpret_cast<Reading*>(user);
    if (reading.thrown) {
        return;
    }
    try {
        reading.take({time_of(*header, reading.nanoseconds), header->len, {bytes, header->caplen}});
    } catch (...) {
        reading.thrown = std::current_exception();
        pcap_breakloop(reading.handle);
    }
}

}  // namespace

void PcapHandle::Close::operator()(pcap* handle) const {
    pcap_close(handle);
}

std::variant<PcapHandle, LocalError> PcapHandle::open(const CaptureSettings& settings) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    Owned handle(pcap_create(settings.interface.c_str(), error.data()));
    if (!handle) {
        return failed(settings, 0, error.data());
    }
    configure(handle.get(), settings);
    if (const int status = pcap_activate(handle.get()); status < 0) {
        return activation_failed(handle.get(), status, settings);
    }
    // Of any interface in place of the one that version 1 lacks. It stays with what it is where there is no
    // choice.
    if (pcap_datalink(handle.get()) == DLT_LINUX_SLL) {
        pcap_set_datalink(handle.get(), DLT_LINUX_SLL2);
    }
    const auto link = link_type(pcap_datalink(handle.get()));
    if (!link) {
        const char* name = pcap_datalink_val_to_name(pcap_datalink(handle.get()));
        return failed(settings, EPROTONOSUPPORT,
                      "link type " + std::string(name != nullptr ? name : "unknown") + " is not supported");
    }
    if (pcap_setnonblock(handle.get(), 1, error.data()) != 0) {
        return failed(settings, 0, error.data());
    }
    PcapHandle opened(std::move(handle), *link);
    fcntl(opened.fd(), F_SETFD, FD_CLOEXEC);
    bpf_insn reject{};
    reject.code = BPF_RET | BPF_K;
    if (const auto refused = opened.install({1, &reject})) {
        return failed(settings, 0, *refused);
    }
    return opened;
}

int PcapHandle::fd() const {
    return pcap_get_selectable_fd(handle_.get());
}

std::optional<std::string> PcapHandle::install(bpf_program program) {
    if (pcap_setfilter(handle_.get(), &program) != 0) {
        return std::string(pcap_geterr(handle_.get()));
    }
    return std::nullopt;
}

std::optional<std::string> PcapHandle::set_filter(const CompiledFilter& filter) {
    return install(filter.program);
}

PcapHandle::Read PcapHandle::read(int most, const std::function<void(const Frame&)>& take) {
    Reading reading{take, pcap_get_tstamp_precision(handle_.get()) == PCAP_TSTAMP_PRECISION_NANO,
                    handle_.get(), nullptr};
    const int packets = pcap_dispatch(handle_.get(), most, hand_on, reinterpret_cast<u_char*>(&reading));
    if (reading.thrown) {
        std::rethrow_exception(reading.thrown);
    }
    if (packets < 0) {
        return {0, std::string(pcap_geterr(handle_.get()))};
    }
    return {packets, std::nullopt};
}

std::uint64_t PcapHandle::take_dropped() {
    pcap_stat now{};
    if (pcap_stats(handle_.get(), &now) != 0) {
        return 0;
    }
    const std::uint32_t dropped = now.ps_drop + now.ps_ifdrop;
    const std::uint32_t since = dropped - dropped_;
    dropped_ = dropped;
    return since;
}

}  // namespace whylink::probes
