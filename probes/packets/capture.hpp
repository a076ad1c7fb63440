// Captures packets on the event loop: libpcap with the kernel's memory-mapped ring, non-blocking.
#pragma once

#include <asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "probes/observation.hpp"
#include "probes/packets/filter.hpp"
#include "probes/packets/packet.hpp"

namespace whylink::probes {

struct CaptureSettings {
    std::string interface = "any";
    int snapshot_length = 2048;     ///< bytes of a packet that are copied
    std::size_t buffer = 8U << 20;  ///< bytes of the kernel's ring
};

struct CaptureCounts {
    std::uint64_t packets = 0;     ///< that passed the filter and were read, duplicates included
    std::uint64_t duplicates = 0;  ///< of stacked interfaces, left out
    std::uint64_t dropped = 0;     ///< by the kernel, for the ring was full
};

/// Of the event loop's thread. Packets are handed on from drain(), set_filter() and the loop. Closing takes
/// up to tens of milliseconds, for the kernel waits until nothing uses the ring (synchronize_net).
class Capture {
  public:
    /// All must be set. None may destroy the capture; no call comes after its destructor.
    struct Handlers {
        /// Each packet once, in the order of capture; both are valid during the call only. Must not throw.
        std::function<void(const Packet&, const Frame&)> packet;
        /// The interface has vanished; capture is tried again every second. Once for each loss, within
        /// drain() too. One that is down and up again is no loss: it carried nothing in between.
        std::function<void(const std::string& why)> lost;
        /// It is there again, and up.
        std::function<void()> regained;
    };

    /// Opens at once; nothing passes before the first set_filter(). The error is this host's: no CAP_NET_RAW
    /// (EPERM), no such interface, no memory.
    static std::variant<std::unique_ptr<Capture>, LocalError> open(const asio::any_io_executor& executor,
                                                                   const CaptureSettings& settings,
                                                                   Handlers handlers);
    ~Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    LinkType link() const;
    const CaptureSettings& settings() const;
    /// Replaces the filter; kept over a loss of the interface. What passed the old one is handed on before.
    /// What arrives during the exchange is lost: see gaps(). The error is libpcap's text.
    std::optional<std::string> set_filter(CompiledFilterPtr filter);
    /// Reads everything that the kernel has put into the ring until now. The kernel does so before the socket
    /// hears of a packet, so after a probe has ended all of its packets are there.
    void drain();
    CaptureCounts counts();
    /// How many times packets may have gone unseen without being counted: replaced filters, and losses of the
    /// interface.
    std::uint64_t gaps() const;
    bool up() const;
    /// Every interface of this host is captured ("any").
    bool everywhere() const;

  private:
    struct Impl;
    explicit Capture(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace whylink::probes
