#include "daemon/packets/filter_keeper.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <utility>
#include <variant>

#include "daemon/system/call_later.hpp"

namespace whylink::daemon {
namespace {

using probes::CompiledFilterPtr;
using probes::FilterWish;

/// Addresses that DNS gives no longer leave the filter.
constexpr auto max_unused = std::chrono::hours(1);

}  // namespace

FilterKeeper::FilterKeeper(asio::io_context& loop, Hooks hooks)
    : loop_(loop), hooks_(std::move(hooks)), timer_(loop) {}

FilterKeeper::~FilterKeeper() {
    *alive_ = false;
}

/// What both forms have.
FilterWish FilterKeeper::common_wish() const {
    FilterWish wish;
    wish.resolvers = interest_.resolvers;
    wish.watches = interest_.watches;
    wish.openings = interest_.openings;
    return wish;
}

FilterWish FilterKeeper::wide_wish() const {
    FilterWish wish = common_wish();
    for (const std::uint16_t port : interest_.ports) {
        wish.watches.push_back({port, {}});
    }
    return wish;
}

void FilterKeeper::begin(Interest interest, probes::LinkType link, int snapshot_length) {
    ++generation_;
    timer_.cancel();
    const bool same_capture = running_ && link == link_ && snapshot_length == snapshot_length_;
    running_ = true;
    interest_ = std::move(interest);
    link_ = link;
    snapshot_length_ = snapshot_length;
    used_.clear();
    wide_until_.reset();
    configured_resolvers_ = interest_.resolvers.size();
    pending_ = true;
    const auto take = [this](Compiled made) {
        pending_ = false;
        take_wide(std::move(made));
    };
    if (same_capture) {
        compile(wide_wish(), take);
        return;
    }
    text_.clear();
    narrow_in_force_ = false;
    std::string text = probes::filter_text(wide_wish());
    auto program = probes::compile_filter(text, link_, snapshot_length_);
    if (auto* good = std::get_if<CompiledFilterPtr>(&program)) {
        take({std::move(text), std::move(*good)});
    } else {
        hooks_.failed(std::get<std::string>(program));
    }
}

void FilterKeeper::stop() {
    ++generation_;
    running_ = false;
    pending_ = false;
    timer_.cancel();
    text_.clear();
}

void FilterKeeper::compile(FilterWish wish, std::function<void(Compiled)> done) {
    auto job = [this, wish = std::move(wish), link = link_, length = snapshot_length_, alive = alive_,
                generation = generation_, done = std::move(done), &loop = loop_] {
        std::string text = probes::filter_text(wish);
        auto program = probes::compile_filter(text, link, length);
        asio::post(loop, [this, text = std::move(text), program = std::move(program), alive, generation,
                          done]() mutable {
            if (!*alive || generation != generation_) {
                return;
            }
            if (auto* good = std::get_if<CompiledFilterPtr>(&program)) {
                done({std::move(text), std::move(*good)});
            } else {
                hooks_.failed(std::get<std::string>(program));
            }
        });
    };
    if (!hooks_.beside || !hooks_.beside(job)) {
        job();  // nobody is beside, or is behind; a few milliseconds, once
    }
}

void FilterKeeper::put_in_force(const Compiled& filter) {
    if (filter.text == text_) {
        return;
    }
    text_ = filter.text;
    hooks_.set(filter.program);
}

/// Until it is here the narrow one may be in force, and be in the way of what rounds go on to.
void FilterKeeper::take_wide(Compiled made) {
    wide_ = std::move(made);
    narrow_in_force_ = false;
    put_in_force(wide_);
}

void FilterKeeper::expect_endpoint(const Peer& peer) {
    if (!running_) {
        return;
    }
    const auto now = Clock::now();
    if (wide_until_ && now < *wide_until_) {
        return;
    }
    wide_until_.reset();
    const auto [known, is_new] = used_.emplace(peer, now);
    known->second = now;
    if (!is_new) {
        return;
    }
    ++changes_;
    if (narrow_in_force_) {
        narrow_in_force_ = false;
        put_in_force(wide_);
    }
    if (used_.size() > max_endpoints) {
        return stay_wide(now);
    }
    narrow_after(hooks_.quiet);
}

void FilterKeeper::stay_wide(Clock::time_point now) {
    timer_.cancel();
    used_.clear();
    wide_until_ = now + max_unused;
}

void FilterKeeper::expect_resolver(const Peer& peer) {
    if (!running_ || std::ranges::find(interest_.resolvers, peer) != interest_.resolvers.end()) {
        return;
    }
    ++changes_;
    if (interest_.resolvers.size() == configured_resolvers_ + max_further_resolvers) {
        interest_.resolvers.erase(interest_.resolvers.begin() +
                                  static_cast<std::ptrdiff_t>(configured_resolvers_));
    }
    interest_.resolvers.push_back(peer);
    compile(wide_wish(), [this](Compiled made) {
        take_wide(std::move(made));
        narrow_after(hooks_.quiet);
    });
}

void FilterKeeper::leave_out_openings() {
    if (!running_ || !interest_.openings) {
        return;
    }
    ++changes_;
    interest_.openings = false;
    compile(wide_wish(), [this](Compiled made) {
        take_wide(std::move(made));
        narrow_after(hooks_.quiet);
    });
}

void FilterKeeper::narrow_after(Clock::duration delay) {
    if (!hooks_.beside || wide_until_) {
        return;  // a one-shot command is over before it pays; and of too many there is no narrow one
    }
    call_after(timer_, delay, [this] { narrow(); });
}

void FilterKeeper::narrow() {
    std::erase_if(used_,
                  [oldest = Clock::now() - max_unused](const auto& entry) { return entry.second < oldest; });
    FilterWish wish = common_wish();
    for (const auto& [peer, when] : used_) {
        wish.endpoints.push_back(peer);
    }
    compile(std::move(wish), [this, made_for = ++changes_](const Compiled& made) {
        if (made_for != changes_) {
            return;  // somebody has come since, or another narrow one is on its way
        }
        narrow_in_force_ = true;
        put_in_force(made);
        narrow_after(max_unused);
    });
}

}  // namespace whylink::daemon
