#include "probes/capture/traffic.hpp"

namespace whylink::probes {

struct TrafficRecorder::Impl {};
TrafficRecorder::TrafficRecorder(const config::Watch& /*watch*/, std::vector<IpAddress> /*local*/,
                                 Nanoseconds /*began*/) {}
TrafficRecorder::~TrafficRecorder() = default;
TrafficRecorder::TrafficRecorder(TrafficRecorder&&) noexcept = default;
TrafficRecorder& TrafficRecorder::operator=(TrafficRecorder&&) noexcept = default;
void TrafficRecorder::set_local(std::vector<IpAddress> /*local*/) {}
bool TrafficRecorder::add(const Packet& /*packet*/) {
    return false;
}
TrafficFacts TrafficRecorder::take(Nanoseconds /*now*/) {
    return {};
}

}  // namespace whylink::probes
