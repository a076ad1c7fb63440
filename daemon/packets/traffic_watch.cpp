#include "daemon/packets/traffic_watch.hpp"

#include <algorithm>
#include <utility>

#include "probes/host/listener.hpp"

namespace whylink::daemon {
namespace {

using probes::Nanoseconds;
using probes::Observation;

/// As packets are stamped.
Nanoseconds packet_clock() {
    return probes::WallClock::now().time_since_epoch();
}

Observation about_packets(const config::Watch& watch) {
    Observation observation;
    observation.stage = probes::Stage::packets;
    observation.port = watch.port;
    observation.started = probes::WallClock::now();
    return observation;
}

}  // namespace

TrafficWatch::TrafficWatch(config::Watch watch) : watch_(std::move(watch)) {}

bool TrafficWatch::is_for(const config::Watch& watch) const {
    config::Watch other = watch;
    other.labels = watch_.labels;
    return other == watch_;
}

void TrafficWatch::begin(probes::LinkType link, std::uint64_t missed) {
    if (recorder_ && link == link_) {
        return;
    }
    missed_ = missed;
    link_ = link;
    kept_.clear();
    kept_bytes_ = 0;
    recorder_.emplace(watch_, std::vector<IpAddress>(), packet_clock());
    began_ = std::chrono::steady_clock::now();
    seeing_since_ = began_;
    looked_ = began_;
}

void TrafficWatch::resume() {
    seeing_since_ = std::chrono::steady_clock::now();
}

void TrafficWatch::set_local(std::vector<IpAddress> addresses) {
    if (recorder_) {
        recorder_->set_local(std::move(addresses));
    }
}

void TrafficWatch::packet(const probes::Packet& packet, const probes::Frame& frame) {
    if (recorder_ && recorder_->add(packet)) {
        keep(frame);
    }
}

void TrafficWatch::keep(const probes::Frame& frame) {
    const std::size_t size = watch_.payload ? frame.bytes.size() : probes::header_size(link_, frame);
    const auto bytes = frame.bytes.first(size);
    kept_.push_back({frame.time, frame.wire_length, {bytes.begin(), bytes.end()}});
    kept_bytes_ += size + sizeof(Kept);
    while (kept_bytes_ > max_kept_bytes) {
        kept_bytes_ -= kept_.front().bytes.size() + sizeof(Kept);
        kept_.pop_front();
        ++left_out_;
    }
}

probes::KeptFrames TrafficWatch::take_frames() {
    probes::KeptFrames frames;
    frames.link = link_;
    for (const Kept& kept : kept_) {
        frames.add({kept.time, kept.wire_length, kept.bytes}, kept.bytes.size());
    }
    frames.left_out = left_out_;
    kept_.clear();
    kept_bytes_ = 0;
    left_out_ = 0;
    return frames;
}

void TrafficWatch::add_listener(Measured& measured) const {
    if (watch_.direction == config::Direction::inbound) {
        measured.round.probes.push_back(probes::probe_listener(watch_.port));
    }
}

Measured TrafficWatch::look(std::uint64_t missed, bool last) {
    Measured measured;
    add_listener(measured);
    Observation observation = about_packets(watch_);
    probes::TrafficFacts facts = recorder_->take(packet_clock(), last);
    const auto now = std::chrono::steady_clock::now();
    if (missed != missed_) {
        missed_until_ = now + probes::TrafficRecorder::answer_wait;
    }
    facts.complete = looked_ >= missed_until_;
    facts.silent_for = std::min<Nanoseconds>(facts.silent_for, now - seeing_since_);
    missed_ = missed;
    looked_ = now;
    observation.took = facts.window;
    observation.started -= std::chrono::duration_cast<probes::WallClock::duration>(facts.window);
    observation.facts = std::move(facts);
    measured.round.probes.push_back(std::move(observation));
    measured.frames = take_frames();
    return measured;
}

Measured TrafficWatch::blind(const probes::LocalError& why) const {
    Measured measured;
    add_listener(measured);
    Observation observation = about_packets(watch_);
    observation.local = why;
    probes::TrafficFacts facts;
    facts.inbound = watch_.direction == config::Direction::inbound;
    facts.port = watch_.port;
    observation.facts = std::move(facts);
    measured.round.probes.push_back(std::move(observation));
    return measured;
}

std::chrono::nanoseconds TrafficWatch::looking_for() const {
    return recorder_ ? std::chrono::steady_clock::now() - began_ : std::chrono::nanoseconds::max();
}

}  // namespace whylink::daemon
