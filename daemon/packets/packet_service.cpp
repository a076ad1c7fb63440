#include "daemon/packets/packet_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "config/profiles.hpp"
#include "daemon/packets/filter_keeper.hpp"
#include "daemon/packets/openings_budget.hpp"
#include "daemon/packets/traffic_watch.hpp"
#include "daemon/system/call_later.hpp"
#include "probes/host/next_hop.hpp"

namespace whylink::daemon {
namespace {

using probes::Capture;
using probes::LocalError;

constexpr auto retry_period = std::chrono::seconds(10);
/// Addresses of this host come and go seldom.
constexpr auto addresses_period = std::chrono::seconds(10);

FilterKeeper::Interest interest_of(const CaptureWish& wish) {
    FilterKeeper::Interest interest{wish.ports, wish.resolvers, {}, !wish.ports.empty()};
    for (const config::Watch& watch : wish.watches) {
        interest.watches.push_back({watch.port, watch.peer});
    }
    return interest;
}

}  // namespace

CaptureWish capture_wish(std::span<const config::TargetPtr> targets, const SystemFiles& files) {
    CaptureWish wish;
    std::set<std::uint16_t> ports;
    std::vector<config::Resolver> resolvers;
    const auto add_resolvers = [&resolvers](const config::Common& common) {
        for (const config::Resolver& resolver : common.resolvers) {
            if (std::ranges::find(resolvers, resolver) == resolvers.end()) {
                resolvers.push_back(resolver);
            }
        }
    };
    for (const config::TargetPtr& target : targets) {
        if (const config::Endpoint* endpoint = target->endpoint()) {
            ports.insert(endpoint->port);
            if (!endpoint->address || !endpoint->public_host.empty()) {
                add_resolvers(*endpoint);
            }
        } else if (const config::Zone* zone = target->zone()) {
            add_resolvers(*zone);
        } else {
            wish.watches.push_back(*target->watch());
        }
    }
    wish.ports.assign(ports.begin(), ports.end());
    for (const ResolverAddress& resolver : expand_resolvers(resolvers, files)) {
        wish.resolvers.push_back({resolver.address, resolver.port});
    }
    return wish;
}

void add_follow_up_ports(CaptureWish& wish, std::span<const config::TargetPtr> targets) {
    std::set<std::uint16_t> ports(wish.ports.begin(), wish.ports.end());
    for (const config::TargetPtr& target : targets) {
        const config::Endpoint* endpoint = target->endpoint();
        const config::Profile* profile = endpoint == nullptr ? nullptr : config::profile_of(*endpoint);
        if (profile != nullptr && endpoint->experiments) {
            ports.insert(profile->ports.begin(), profile->ports.end());
        }
    }
    wish.ports.assign(ports.begin(), ports.end());
}

bool needs_permission(const LocalError& error) {
    return error.error == EPERM || error.error == EACCES;
}

std::string not_captured_text(const LocalError& error) {
    return fmt::format("packets are not captured ({}: {})", error.operation, error.text);
}

struct PacketService::Impl {
    Impl(asio::io_context& on, Hooks given);

    void close();
    std::variant<std::unique_ptr<Capture>, LocalError> open(const std::string& interface);
    void take(std::unique_ptr<Capture> opened);
    void begin();
    void take_watches();
    void retry_later();
    void refresh_addresses();
    /// Counts up with whatever keeps packets from being seen, from one capture to the next too.
    std::uint64_t missed() const { return missed_before + capture->counts().dropped + capture->gaps(); }
    probes::CaptureCounts counts() const;
    void resume_watches();
    void packet(const probes::Packet& seen, const probes::Frame& frame);
    Capture::Handlers handlers();
    std::shared_ptr<probes::Tap> make_tap();

    asio::io_context& loop;
    Hooks hooks;
    config::Capture settings;
    CaptureWish wish;
    std::unique_ptr<Capture> capture;
    /// Counted by captures that are closed.
    probes::CaptureCounts before;
    std::uint64_t missed_before = 0;
    std::uint64_t captures = 0;  ///< that were closed
    std::shared_ptr<probes::Tap> tap;
    FilterKeeper filter;
    OpeningsBudget openings;          ///< of others
    std::optional<LocalError> fault;  ///< why there is no capture
    asio::steady_timer retry;
    asio::steady_timer addresses;
    std::map<std::string, TrafficWatch> watches;
};

PacketService::Impl::Impl(asio::io_context& on, Hooks given)
    : loop(on),
      hooks(std::move(given)),
      filter(on, {.beside = hooks.beside,
                  .set =
                      [this](probes::CompiledFilterPtr program) {
                          if (auto error = capture->set_filter(std::move(program))) {
                              hooks.say(false, "cannot set the packet filter: " + *error);
                          }
                      },
                  .failed =
                      [this](const std::string& error) {
                          hooks.say(false, "cannot compile the packet filter: " + error);
                      }}),
      retry(on),
      addresses(on) {
    settings.mode = config::CaptureMode::off;
}

Capture::Handlers PacketService::Impl::handlers() {
    return {.packet = [this](const probes::Packet& seen, const probes::Frame& frame) { packet(seen, frame); },
            .lost =
                [this](const std::string& why) {
                    hooks.say(false, fmt::format("packets on {} are not captured: {}; retry every second",
                                                 settings.interface, why));
                },
            .regained =
                [this] {
                    resume_watches();
                    hooks.say(true, fmt::format("packets on {} are captured again", settings.interface));
                }};
}

void PacketService::Impl::packet(const probes::Packet& seen, const probes::Frame& frame) {
    // What this program sends is no traffic of others.
    if (tap->packet(seen, frame) || (!watches.empty() && tap->is_of_ended(seen))) {
        return;
    }
    if (openings.add(seen)) {
        filter.leave_out_openings();
        hooks.say(false, fmt::format("this host opens more than {} connections per second: whylink stops "
                                     "watching for address translation",
                                     OpeningsBudget::max_per_second));
    }
    for (auto& [name, watch] : watches) {
        watch.packet(seen, frame);
    }
}

/// A tap may outlive the capture that it was made for: then it is not up any more.
std::shared_ptr<probes::Tap> PacketService::Impl::make_tap() {
    // Not by its address, which the next one may get.
    const auto is_mine = [this, mine = captures] { return capture && captures == mine; };
    probes::Tap::Source source;
    source.drain = [this, is_mine] {
        if (is_mine()) {
            capture->drain();
        }
    };
    source.dropped = [this, is_mine] { return is_mine() ? capture->counts().dropped : 0; };
    source.up = [this, is_mine] { return is_mine() && capture->up(); };
    source.everywhere = capture->everywhere();
    source.link = capture->link();
    source.gaps = [this, is_mine] { return is_mine() ? capture->gaps() : 0; };
    source.is_own = [](const IpAddress& address) {
        const std::vector<IpAddress> own = probes::own_addresses();
        return std::ranges::find(own, address) != own.end();
    };
    return std::make_shared<probes::Tap>(std::move(source));
}

std::variant<std::unique_ptr<Capture>, LocalError> PacketService::Impl::open(const std::string& interface) {
    probes::CaptureSettings wanted;
    wanted.interface = interface;
    return Capture::open(loop.get_executor(), wanted, handlers());
}

void PacketService::Impl::take(std::unique_ptr<Capture> opened) {
    capture = std::move(opened);
    fault.reset();
    tap = make_tap();
    resume_watches();
    begin();
}

void PacketService::Impl::resume_watches() {
    for (auto& [name, watch] : watches) {
        watch.resume();
    }
}

void PacketService::Impl::begin() {
    openings = {};
    tap->remember_ended(!watches.empty());
    filter.begin(interest_of(wish), capture->link(), capture->settings().snapshot_length);
    for (auto& [name, watch] : watches) {
        watch.begin(capture->link(), missed());
    }
    refresh_addresses();
}

void PacketService::Impl::close() {
    retry.cancel();
    addresses.cancel();
    filter.stop();
    fault.reset();
    if (!capture) {
        return;
    }
    before = counts();
    missed_before = missed() + 1;
    ++captures;
    capture.reset();
    tap.reset();
}

void PacketService::Impl::retry_later() {
    call_after(retry, retry_period, [this] {
        auto made = open(settings.interface);
        if (auto* why = std::get_if<LocalError>(&made)) {
            fault = std::move(*why);
            retry_later();
        } else {
            take(std::move(std::get<std::unique_ptr<Capture>>(made)));
            hooks.say(true, fmt::format("packets on {} are captured now", settings.interface));
        }
    });
}

void PacketService::Impl::refresh_addresses() {
    if (watches.empty()) {
        return;
    }
    const std::vector<IpAddress> own = probes::own_addresses();
    for (auto& [name, watch] : watches) {
        watch.set_local(own);
    }
    call_after(addresses, addresses_period, [this] { refresh_addresses(); });
}

PacketService::PacketService(asio::io_context& loop, Hooks hooks)
    : impl_(std::make_unique<Impl>(loop, std::move(hooks))) {}
PacketService::~PacketService() = default;

void PacketService::Impl::take_watches() {
    std::map<std::string, TrafficWatch> wanted;
    for (const config::Watch& watch : wish.watches) {
        const auto known = watches.find(watch.name);
        if (known != watches.end() && known->second.is_for(watch)) {
            wanted.emplace(watch.name, std::move(known->second));
        } else {
            wanted.emplace(watch.name, TrafficWatch(watch));
        }
    }
    watches = std::move(wanted);
}

std::optional<LocalError> PacketService::configure(const config::Capture& settings, CaptureWish wish) {
    const bool off = settings.mode == config::CaptureMode::off;
    const bool same = !off && impl_->capture && settings.interface == impl_->settings.interface;
    std::unique_ptr<Capture> capture;
    std::optional<LocalError> fault;
    if (!same && !off) {
        auto made = impl_->open(settings.interface);
        if (auto* error = std::get_if<LocalError>(&made)) {
            fault = std::move(*error);
        } else {
            capture = std::move(std::get<std::unique_ptr<Capture>>(made));
        }
    }
    if (fault && settings.mode == config::CaptureMode::required) {
        return fault;
    }
    impl_->settings = settings;
    impl_->wish = std::move(wish);
    impl_->take_watches();
    if (same) {
        impl_->begin();
        return std::nullopt;
    }
    impl_->close();
    impl_->fault = off ? LocalError{"capture", 0, "capture.enabled is false"} : fault;
    if (capture) {
        impl_->take(std::move(capture));
    } else if (fault && !needs_permission(*fault)) {
        impl_->retry_later();
    }
    return fault;
}

std::shared_ptr<probes::Tap> PacketService::tap() const {
    return up() && !impl_->filter.pending() ? impl_->tap : nullptr;
}

void PacketService::expect_endpoint(const IpAddress& address, std::uint16_t port) {
    impl_->filter.expect_endpoint({address, port});
}

void PacketService::expect_resolver(const IpAddress& address, std::uint16_t port) {
    impl_->filter.expect_resolver({address, port});
}

Measured PacketService::look(const config::Watch& watch) {
    const auto known = impl_->watches.find(watch.name);
    if (known == impl_->watches.end()) {
        return {};
    }
    if (const auto why = fault()) {
        return known->second.blind(*why);
    }
    impl_->capture->drain();
    Measured measured = known->second.look(impl_->missed(), !impl_->hooks.beside);
    for (probes::Observation& observation : measured.round.probes) {
        if (auto* traffic = get_if<probes::TrafficFacts>(&observation.facts)) {
            traffic->everywhere = impl_->capture->everywhere();
        }
    }
    return measured;
}

std::chrono::nanoseconds PacketService::looking_for(const std::string& watch) const {
    const auto known = impl_->watches.find(watch);
    return known == impl_->watches.end() ? std::chrono::nanoseconds::max() : known->second.looking_for();
}

bool PacketService::up() const {
    return impl_->capture && impl_->capture->up();
}

std::optional<LocalError> PacketService::fault() const {
    if (up()) {
        return std::nullopt;
    }
    return impl_->fault.value_or(LocalError{"capture", 0, "the interface is down or gone"});
}

const std::string& PacketService::interface() const {
    static const std::string none;
    return impl_->settings.mode == config::CaptureMode::off ? none : impl_->settings.interface;
}

probes::CaptureCounts PacketService::Impl::counts() const {
    probes::CaptureCounts counts = before;
    if (capture) {
        const probes::CaptureCounts now = capture->counts();
        counts.packets += now.packets;
        counts.duplicates += now.duplicates;
        counts.dropped += now.dropped;
    }
    return counts;
}

probes::CaptureCounts PacketService::counts() const {
    return impl_->counts();
}

CaptureOrigin PacketService::origin() const {
    CaptureOrigin origin;
    origin.interface = impl_->settings.interface;
    origin.filter = impl_->filter.text();
    if (impl_->capture) {
        origin.snapshot_length = impl_->capture->settings().snapshot_length;
        origin.dropped = impl_->capture->counts().dropped;
    }
    return origin;
}

}  // namespace whylink::daemon
