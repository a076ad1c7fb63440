#include "daemon/evidence/keeper.hpp"

#include <fmt/format.h>

#include <asio/post.hpp>
#include <utility>

namespace whylink::daemon {
namespace {

/// Each holds the packets of a round in memory. When thousands of targets break at once, the first few tell
/// as much as all.
constexpr std::size_t max_under_way = 32;

std::string what_of(const config::Target& target) {
    if (const config::Endpoint* endpoint = target.endpoint()) {
        return fmt::format("{}:{}", endpoint->host, endpoint->port);
    }
    return fmt::format("{} to port {}", slug(target.watch()->direction), target.watch()->port);
}
/// What the writing needs, whatever happens to the target meanwhile.
struct Order {
    EvidenceSubject subject;
    CaptureOrigin origin;
    probes::KeptFrames frames;
    std::string directory;
    std::uint64_t limit = 0;
    std::string name;
};

StoredEvidence carry_out(const Order& order) {
    return store_evidence(order.directory, order.limit, order.name,
                          evidence_bytes({order.subject}, order.origin, order.frames));
}

}  // namespace

EvidenceKeeper::EvidenceKeeper(asio::io_context& loop, Hooks hooks) : loop_(loop), hooks_(std::move(hooks)) {}

EvidenceKeeper::~EvidenceKeeper() {
    *alive_ = false;
}

void EvidenceKeeper::configure(std::string directory, std::uint64_t limit) {
    limit_ = limit;
    if (directory != directory_) {
        fault_.clear();
    }
    directory_ = std::move(directory);
}

void EvidenceKeeper::try_directory(Worker& worker) {
    worker.post([this, directory = directory_, alive = alive_, &loop = loop_] {
        asio::post(loop, [this, fault = evidence_directory_fault(directory), alive] {
            if (*alive && fault) {
                say_fault(0, *fault);
            }
        });
    });
}

std::string EvidenceKeeper::keep(const TargetStatus& status, probes::KeptFrames frames, CaptureOrigin origin,
                                 const std::string& vantage_point, Worker& worker) {
    const auto started = status.standing.round_started;
    const auto order = std::make_shared<const Order>(
        Order{.subject = {{status.target, status.verdict}, what_of(*status.target), vantage_point, started},
              .origin = std::move(origin),
              .frames = std::move(frames),
              .directory = directory_,
              .limit = limit_,
              .name = evidence_name(started, status.name(), status.verdict->decision.cause)});
    std::string file = directory_ + "/" + order->name;
    auto job = [this, order, file, alive = alive_, &loop = loop_] {
        StoredEvidence stored = carry_out(*order);
        asio::post(loop, [this, file, alive, stored = std::move(stored)] {
            if (*alive) {
                written(file, stored);
            }
        });
    };
    if (under_way_ >= max_under_way || !worker.post(std::move(job))) {
        ++left_out_;
        return {};
    }
    ++under_way_;
    return file;
}

void EvidenceKeeper::written(const std::string& file, const StoredEvidence& stored) {
    --under_way_;
    if (!stored.removed.empty()) {
        hooks_.gone(stored.removed);
    }
    // A name that was taken already is of another target whose name looks the same in a file's.
    if (stored.error || stored.path != file) {
        hooks_.gone({file});
    }
    if (stored.error) {
        say_fault(stored.error_number, *stored.error);
        return;
    }
    if (!fault_.empty()) {
        hooks_.say(true, fmt::format("packets are kept again in {}", directory_));
    }
    fault_.clear();
    if (left_out_ > 0 && under_way_ == 0) {
        hooks_.say(true,
                   fmt::format("the packets of {} further failing rounds were not kept: too many at once",
                               std::exchange(left_out_, 0)));
    }
}

/// Once for as long as it is the same, of whichever file: with the disk full, each round that fails would say
/// it.
void EvidenceKeeper::say_fault(int number, const std::string& error) {
    const bool same = error == fault_ || (!fault_.empty() && number != 0 && number == fault_number_);
    fault_number_ = number;
    if (same) {
        return;
    }
    hooks_.say(false, fmt::format("packets of failing rounds cannot be kept: {}", error));
    fault_ = error;
}

}  // namespace whylink::daemon
