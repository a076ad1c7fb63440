#include "daemon/evidence/keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

namespace whylink::daemon {
namespace {

/// Files that are told of in one step of the loop.
constexpr std::size_t told_at_once = 500;

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

StoredEvidence carry_out(const Order& order, EvidenceStore& store) {
    return store.store(order.directory, order.limit, order.name,
                       evidence_bytes({order.subject}, order.origin, order.frames));
}

std::size_t memory_of(const probes::KeptFrames& frames) {
    return frames.bytes.size() + frames.entries.size() * sizeof(probes::KeptFrames::Entry);
}

}  // namespace

EvidenceKeeper::EvidenceKeeper(asio::io_context& loop, Hooks hooks) : loop_(loop), hooks_(std::move(hooks)) {}

EvidenceKeeper::~EvidenceKeeper() {
    *alive_ = false;
}

void EvidenceKeeper::configure(std::string directory, std::uint64_t limit) {
    if (directory != directory_) {
        fault_.clear();
        status_.up = true;
    }
    if (directory != directory_ || limit != limit_) {
        said_too_large_ = false;
    }
    limit_ = limit;
    directory_ = std::move(directory);
}

void EvidenceKeeper::try_directory(Worker& worker) {
    worker.post(
        [this, directory = directory_, limit = limit_, store = store_, alive = alive_, &loop = loop_] {
            asio::post(loop, [this, directory, prepared = store->prepare(directory, limit), alive] {
                if (*alive) {
                    tried(directory, prepared);
                }
            });
        });
}

void EvidenceKeeper::tried(const std::string& directory, const StoredEvidence& prepared) {
    take_over(prepared);
    // Another may be configured by now.
    if (prepared.error && directory == directory_) {
        say_fault(prepared);
    }
}

bool EvidenceKeeper::has_room(const std::string& target, std::size_t bytes) const {
    return waiting_.empty() || (waiting_.size() < max_waiting_files && !waiting_.contains(target) &&
                                waiting_bytes_ + bytes <= max_waiting_bytes);
}

std::string EvidenceKeeper::keep(const TargetStatus& status, probes::KeptFrames frames, CaptureOrigin origin,
                                 const std::string& vantage_point, Worker& worker) {
    const auto started = status.standing.round_started;
    const std::string name = evidence_name(started, status.name(), status.verdict->decision.cause);
    const Waiting waiting{status.name(), directory_ + "/" + name, memory_of(frames)};
    if (!has_room(waiting.target, waiting.bytes)) {
        left_out();
        return {};
    }
    const auto order = std::make_shared<const Order>(
        Order{.subject = {{status.target, status.verdict}, what_of(*status.target), vantage_point, started},
              .origin = std::move(origin),
              .frames = std::move(frames),
              .directory = directory_,
              .limit = limit_,
              .name = name});
    auto job = [this, order, waiting, store = store_, alive = alive_, &loop = loop_] {
        asio::post(loop, [this, waiting, alive, stored = carry_out(*order, *store)] {
            if (*alive) {
                written(waiting, stored);
            }
        });
    };
    if (!worker.post(std::move(job))) {
        left_out();
        return {};
    }
    waiting_.insert(waiting.target);
    waiting_bytes_ += waiting.bytes;
    return waiting.file;
}

void EvidenceKeeper::remove(std::vector<std::string> files, Worker& worker) {
    // What finds no place in the queue goes when room is needed.
    worker.post([this, files = std::move(files), directory = directory_, limit = limit_, store = store_,
                 alive = alive_, &loop = loop_] {
        asio::post(loop, [this, stored = store->remove(directory, limit, files), alive] {
            if (*alive) {
                removed(stored);
            }
        });
    });
}

void EvidenceKeeper::removed(const StoredEvidence& stored) {
    take_over(stored);
    if (stored.error) {
        say_fault(stored);
    }
}

/// A disk that hangs never ends a write: that it is waited for is said at once.
void EvidenceKeeper::left_out() {
    count(EvidenceResult::queue_full);
    if (left_out_++ == 0) {
        hooks_.say(
            false,
            fmt::format("evidence files are not written: the packets of {} rounds still wait for the disk "
                        "of {}",
                        waiting_.size(), directory_));
    }
}

void EvidenceKeeper::count(EvidenceResult result) {
    ++status_.results.at(static_cast<std::size_t>(result));
}

void EvidenceKeeper::take_over(const StoredEvidence& stored) {
    status_.files = stored.use.files;
    status_.bytes = stored.use.bytes;
    if (!stored.removed.empty()) {
        tell_gone(std::make_shared<const std::vector<std::string>>(stored.removed), 0);
    }
}

/// A lowered limit may remove tens of thousands, and rounds must not wait until all are told.
void EvidenceKeeper::tell_gone(std::shared_ptr<const std::vector<std::string>> files, std::size_t begin) {
    const auto first = files->begin() + static_cast<std::ptrdiff_t>(begin);
    const std::size_t count = std::min(files->size() - begin, told_at_once);
    hooks_.gone(std::vector<std::string>(first, first + static_cast<std::ptrdiff_t>(count)));
    if (begin + count < files->size()) {
        asio::post(loop_, [this, files, next = begin + count, alive = alive_] {
            if (*alive) {
                tell_gone(files, next);
            }
        });
    }
}

void EvidenceKeeper::written(const Waiting& waited, const StoredEvidence& stored) {
    waiting_.erase(waited.target);
    waiting_bytes_ -= waited.bytes;
    take_over(stored);
    // A name that was taken already is of another target whose name looks the same in a file's.
    if (stored.error || stored.path != waited.file) {
        hooks_.gone({waited.file});
    }
    if (stored.error) {
        count(stored.too_large ? EvidenceResult::too_large : EvidenceResult::failed);
        say_fault(stored);
    } else {
        count(EvidenceResult::kept);
        say_good();
    }
    say_left_out();
}

void EvidenceKeeper::say_good() {
    if (!fault_.empty()) {
        hooks_.say(true, fmt::format("evidence files are written again to {}", directory_));
    }
    fault_.clear();
    status_.up = true;
}

void EvidenceKeeper::say_left_out() {
    if (left_out_ > 0 && waiting_.empty()) {
        hooks_.say(true,
                   fmt::format("evidence files are written again; the packets of {} rounds were not kept",
                               std::exchange(left_out_, 0)));
    }
}

/// Once for as long as it is the same, of whichever file: with the disk full, each round that fails would say
/// it. Nor does one large file say anything of the next, which may be small.
void EvidenceKeeper::say_fault(const StoredEvidence& stored) {
    const std::string text = fmt::format("packets of failing rounds are not kept: {}", *stored.error);
    if (stored.too_large) {
        if (!std::exchange(said_too_large_, true)) {
            hooks_.say(false, text);
        }
        return;
    }
    const int number = stored.error_number;
    const bool same = stored.error == fault_ || (!fault_.empty() && number != 0 && number == fault_number_);
    fault_number_ = number;
    status_.up = false;
    if (!same) {
        hooks_.say(false, text);
        fault_ = *stored.error;
    }
}

}  // namespace whylink::daemon
