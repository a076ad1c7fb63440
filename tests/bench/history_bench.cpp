// usage: whylink-bench-history FOLDER ENDPOINTS INTERVAL_SECONDS DAYS [MAX_SIZE_MIB]: writes the rounds of so many days into a
// new history with a clock that is moved by hand, as the daemon does in batches of 10 s, and prints what the file takes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "daemon/history/store.hpp"

namespace {

using namespace std::chrono_literals;
using whylink::Cause;
using whylink::daemon::HistoryBatch;
using whylink::daemon::HistoryStore;
using whylink::daemon::HistoryTime;
using whylink::daemon::TargetName;

constexpr auto batch_span = 10s;
/// One round of so many fails, so that there are outages and changes.
constexpr int failing_rounds = 5000;

struct Load {
    std::string folder;
    int endpoints = 0;
    std::chrono::seconds interval{};
    std::chrono::hours span{};
    std::uint64_t max_size = 0;
};

int number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1) {
        throw std::invalid_argument(fmt::format("\"{}\" is no number", text));
    }
    return value;
}

Load load_of(std::span<char* const> arguments) {
    if (arguments.size() != 5 && arguments.size() != 6) {
        throw std::invalid_argument(
            "usage: whylink-bench-history FOLDER ENDPOINTS INTERVAL_SECONDS DAYS [MAX_SIZE_MIB]");
    }
    const int mebibytes = arguments.size() == 6 ? number(arguments[5]) : 256;
    return {arguments[1], number(arguments[2]), std::chrono::seconds(number(arguments[3])),
            std::chrono::hours(24 * number(arguments[4])), static_cast<std::uint64_t>(mebibytes) << 20U};
}

/// A round that fails begins an outage, and the next one ends it.
void add_round(HistoryBatch& batch, const TargetName& target, HistoryTime at, int number) {
    const bool passes = number % failing_rounds != 0;
    batch.rounds.push_back({target, at, passes, passes ? Cause::healthy : Cause::syn_unanswered, 12ms});
    if (!passes) {
        batch.changes.push_back({target, {at, whylink::daemon::What::health, "healthy", "unhealthy"}});
        batch.outages.push_back({target, at, at + 30s, Cause::syn_unanswered, at - 30s});
    }
}

double mebibytes(const std::string& folder) {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        bytes += entry.file_size();
    }
    return static_cast<double>(bytes) / (1U << 20U);
}

void run(const Load& load) {
    std::vector<TargetName> targets;
    for (int i = 0; i < load.endpoints; ++i) {
        targets.push_back(std::make_shared<const std::string>(fmt::format("endpoint-{:05}", i)));
    }
    HistoryStore store(load.folder, {90 * 24h, load.max_size});
    const HistoryTime begin{std::chrono::hours(24 * 365 * 56)};
    const auto per_batch = load.endpoints * batch_span / load.interval;
    const auto real = std::chrono::steady_clock::now();
    std::chrono::nanoseconds slowest{};
    int rounds = 0;
    for (auto now = begin; now < begin + load.span; now += batch_span) {
        HistoryBatch batch;
        for (std::chrono::seconds::rep i = 0; i < per_batch; ++i, ++rounds) {
            add_round(batch, targets[static_cast<std::size_t>(rounds % load.endpoints)], now, rounds);
        }
        const auto started = std::chrono::steady_clock::now();
        store.write(batch, now + batch_span);
        slowest = std::max<std::chrono::nanoseconds>(slowest, std::chrono::steady_clock::now() - started);
        if ((now - begin) % 240h == 0s) {
            fmt::print("{:>5} days {:>8.1f} MiB\n", (now - begin) / 24h, mebibytes(load.folder));
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - real;
    fmt::print("{:>5} days {:>8.1f} MiB, {} rounds in {:.0f} s, {:.1f} µs each, slowest write {:.0f} ms\n",
               load.span / 24h, mebibytes(load.folder), rounds, took.count(), 1e6 * took.count() / rounds,
               std::chrono::duration<double, std::milli>(slowest).count());
}

}  // namespace

int main(int count, char** arguments) {
    try {
        run(load_of({arguments, static_cast<std::size_t>(count)}));
        return EXIT_SUCCESS;
    } catch (const std::exception& fault) {
        fmt::print(stderr, "{}\n", fault.what());
        return EXIT_FAILURE;
    }
}
