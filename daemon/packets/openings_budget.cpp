#include "daemon/packets/openings_budget.hpp"

namespace whylink::daemon {

bool OpeningsBudget::add(const probes::Packet& packet) {
    const auto* segment = std::get_if<probes::TcpSegment>(&packet.transport);
    if (spent_ || segment == nullptr || !segment->syn || segment->ack) {
        return false;
    }
    if (packet.time < began_ || packet.time - began_ >= span) {
        began_ = packet.time;
        count_ = 0;
    }
    spent_ = ++count_ > max_per_second * static_cast<std::uint64_t>(span.count());
    return spent_;
}

}  // namespace whylink::daemon
