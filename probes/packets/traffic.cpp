#include "probes/packets/traffic.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <utility>

#include "probes/packets/flow.hpp"
#include "probes/packets/traffic_connection.hpp"
#include "probes/packets/traffic_tally.hpp"

namespace whylink::probes {
namespace {

/// A packet as one of a connection of the watch.
struct Match {
    FlowKey ends;
    bool sent = false;  ///< by this host
};

/// What decides whose packet it is where the addresses leave it open.
enum class Opening { none, syn, syn_ack };

Opening opening_of(const TcpSegment& tcp) {
    if (!tcp.syn || tcp.rst) {
        return Opening::none;
    }
    return tcp.ack ? Opening::syn_ack : Opening::syn;
}

/// These end an attempt to connect (RFC 1122 section 4.2.3.9, and what Linux does while it connects): not
/// redirects, and not that a packet was too big.
bool ends_attempt(const IcmpMessage& icmp) {
    if (icmp.v6) {
        return icmp.type == 1 || icmp.type == 3 || icmp.type == 4;
    }
    return (icmp.type == 3 && icmp.code != 4) || icmp.type == 11 || icmp.type == 12;
}

/// A fixed number of connections. Those that have ended are forgotten first, then the one that was silent for
/// longest.
class Connections {
  public:
    explicit Connections(std::size_t bound) : bound_(bound) {}
    TrafficConnection* find(const FlowKey& ends) {
        const auto found = entries_.find(ends);
        return found == entries_.end() ? nullptr : &found->second.connection;
    }
    TrafficConnection& add(const FlowKey& ends, bool inbound) {
        make_room();
        going_.push_back(ends);
        const Entry entry{TrafficConnection(inbound, ends.remote, ends.remote_port), std::prev(going_.end()),
                          false};
        return entries_.emplace(ends, entry).first->second.connection;
    }
    /// It had a packet just now.
    void touch(const FlowKey& ends) {
        Entry& entry = entries_.at(ends);
        auto& from = entry.ended ? ended_ : going_;
        entry.ended = entry.connection.ended();
        auto& to = entry.ended ? ended_ : going_;
        to.splice(to.end(), from, entry.place);
    }
    template <typename Each>
    void each(Each&& of) {
        for (auto& entry : entries_) {
            of(entry.second.connection);
        }
    }
    std::size_t take_forgotten() { return std::exchange(forgotten_, 0); }

  private:
    struct Entry {
        TrafficConnection connection;
        std::list<FlowKey>::iterator place;
        bool ended = false;
    };
    void make_room() {
        if (entries_.size() < bound_) {
            return;
        }
        auto& from = ended_.empty() ? going_ : ended_;
        const auto oldest = entries_.find(from.front());
        forgotten_ += oldest->second.connection.settled() ? 0U : 1U;
        entries_.erase(oldest);
        from.pop_front();
    }

    std::size_t bound_;
    std::map<FlowKey, Entry> entries_;
    std::list<FlowKey> going_;  ///< latest packet last
    std::list<FlowKey> ended_;
    std::size_t forgotten_ = 0;
};

}  // namespace

struct TrafficRecorder::Impl {
    Impl(const config::Watch& watch, std::vector<IpAddress> addresses, Nanoseconds began, std::size_t bound)
        : inbound(watch.direction == config::Direction::inbound),
          port(watch.port),
          peers(watch.peer),
          window_began(began),
          last_packet(began),
          connections(bound) {
        set_local(std::move(addresses));
    }

    void set_local(std::vector<IpAddress> addresses) {
        local = std::move(addresses);
        std::ranges::sort(local);
    }

    bool is_local(const IpAddress& address) const { return std::ranges::binary_search(local, address); }

    bool is_watched(const Match& match) const {
        const std::uint16_t watched = inbound ? match.ends.local_port : match.ends.remote_port;
        return is_local(match.ends.local) && (port == 0 || port == watched) &&
               (peers.empty() || contains(peers, match.ends.remote));
    }

    /// The way that its SYN or SYN-ACK went makes a connection one of the watch, or not. Of one that began
    /// before the watch the port says it; where that is open the higher port is the client's.
    bool may_begin(const Match& match, Opening opening) const {
        const bool from_client = match.sent != inbound;
        if (opening != Opening::none) {
            return from_client == (opening == Opening::syn);
        }
        return port != 0 || match.ends.local_port > match.ends.remote_port;
    }

    /// Both ends are this host's on loopback.
    std::optional<Match> match(const Packet& packet, Opening opening) {
        const auto flow = flow_of(packet);
        if (!flow) {
            return std::nullopt;
        }
        const Match ways[] = {{flow->if_sent, true}, {flow->if_received, false}};
        for (const Match& way : ways) {
            if (is_watched(way) && connections.find(way.ends) != nullptr &&
                (opening == Opening::none || may_begin(way, opening))) {
                return way;
            }
        }
        for (const Match& way : ways) {
            if (is_watched(way) && may_begin(way, opening)) {
                return way;
            }
        }
        return std::nullopt;
    }

    TrafficConnection& connection(const FlowKey& ends) {
        TrafficConnection* known = connections.find(ends);
        return known != nullptr ? *known : connections.add(ends, inbound);
    }

    bool add_tcp(const Packet& packet, const TcpSegment& tcp) {
        const auto of_watch = match(packet, opening_of(tcp));
        if (!of_watch) {
            return false;
        }
        // Traffic it is; but no TCP takes it for an attempt or an answer.
        if (tcp.damaged) {
            return true;
        }
        connection(of_watch->ends).add(tcp, packet.time, of_watch->sent, tally);
        connections.touch(of_watch->ends);
        return true;
    }

    bool add_icmp(const Packet& packet, const IcmpMessage& icmp) {
        if (!icmp.quoted || icmp.quoted->protocol != 6) {
            return false;
        }
        const auto of_watch = match(packet, Opening::none);
        if (!of_watch) {
            return false;
        }
        const bool from_client = of_watch->sent != inbound;
        if (from_client && ends_attempt(icmp)) {
            const IcmpError error{icmp.v6, icmp.type, icmp.code, packet.source, is_local(packet.source)};
            end_attempt(*of_watch, error, icmp.quoted->sequence, packet.time);
        }
        return true;
    }

    void end_attempt(const Match& of_watch, const IcmpError& error, std::optional<std::uint32_t> sequence,
                     Nanoseconds time) {
        if (TrafficConnection* known = connections.find(of_watch.ends)) {
            known->add_icmp(error, sequence, time, tally);
            connections.touch(of_watch.ends);
        } else if (!inbound && error.local && sequence) {
            connections.add(of_watch.ends, inbound).fail_unseen(error, *sequence, tally);
        }
    }

    TrafficFacts take(Nanoseconds now, bool last) {
        const Nanoseconds wait = last ? TrafficRecorder::last_answer_wait : TrafficRecorder::answer_wait;
        connections.each([&](TrafficConnection& connection) { connection.decide_late(now, wait, tally); });
        TrafficFacts facts = tally.take();
        facts.inbound = inbound;
        facts.port = port;
        facts.window = std::max(now - window_began, Nanoseconds(0));
        facts.silent_for = std::max(now - last_packet, Nanoseconds(0));
        facts.ever = ever;
        facts.forgotten = connections.take_forgotten();
        window_began = now;
        return facts;
    }

    bool inbound;
    std::uint16_t port;
    std::vector<Cidr> peers;
    std::vector<IpAddress> local;  ///< sorted
    Nanoseconds window_began;
    Nanoseconds last_packet;
    bool ever = false;
    Connections connections;
    TrafficTally tally;
};

TrafficRecorder::TrafficRecorder(const config::Watch& watch, std::vector<IpAddress> local, Nanoseconds began,
                                 std::size_t bound)
    : impl_(std::make_unique<Impl>(watch, std::move(local), began, bound)) {}
TrafficRecorder::~TrafficRecorder() = default;
TrafficRecorder::TrafficRecorder(TrafficRecorder&&) noexcept = default;
TrafficRecorder& TrafficRecorder::operator=(TrafficRecorder&&) noexcept = default;

void TrafficRecorder::set_local(std::vector<IpAddress> local) {
    impl_->set_local(std::move(local));
}

bool TrafficRecorder::add(const Packet& packet) {
    bool ours = false;
    if (const auto* tcp = std::get_if<TcpSegment>(&packet.transport)) {
        ours = impl_->add_tcp(packet, *tcp);
    } else if (const auto* icmp = std::get_if<IcmpMessage>(&packet.transport)) {
        ours = impl_->add_icmp(packet, *icmp);
    }
    if (ours) {
        ++impl_->tally.counts().packets;
        impl_->last_packet = std::max(impl_->last_packet, packet.time);
        impl_->ever = true;
    }
    return ours;
}

TrafficFacts TrafficRecorder::take(Nanoseconds now, bool last) {
    return impl_->take(now, last);
}

}  // namespace whylink::probes
