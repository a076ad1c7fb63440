// How many rounds of each target passed in each half hour of the last 24 hours: for the status page, which is asked every
// few seconds and therefore reads only what is new.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "daemon/history/records.hpp"
#include "daemon/history/sqlite.hpp"

namespace whylink::daemon {

struct Day {
    static constexpr std::size_t slots = 48;
    static constexpr auto slot_length = std::chrono::minutes(30);

    struct Count {
        std::uint32_t rounds = 0;
        std::uint32_t passed = 0;
    };
    std::array<Count, slots> counts{};  ///< the oldest first; the last one is the half hour of now

    /// The share of rounds that passed; none without rounds.
    std::optional<double> availability() const;
};

/// By the name of the target.
using Days = std::unordered_map<std::string, Day>;

/// When the first slot of a day that ends now begins: half hours are those of the clock.
HistoryTime first_slot(HistoryTime now);

/// Of one thread.
class RecentDays {
  public:
    /// At once; what is left is read the next time.
    static constexpr std::int64_t max_rounds = 1'000'000;

    explicit RecentDays(std::filesystem::path file) : file_(std::move(file)) {}
    /// Valid until the next call. Throws sql::Error.
    const Days& read(HistoryTime now);

  private:
    void move_to(std::int64_t first);
    void begin_again(sql::Database& database);
    void read_names(sql::Database& database);
    void read_rounds(sql::Database& database, std::int64_t newest);
    void add(std::int64_t target, std::int64_t slot, std::int64_t rounds, std::int64_t passed);

    std::filesystem::path file_;
    std::unordered_map<std::int64_t, std::string> names_;
    Days days_;
    std::int64_t first_ = 0;    ///< slot of the clock that the days begin with
    std::int64_t last_id_ = 0;  ///< of the rounds that are counted
};

}  // namespace whylink::daemon
