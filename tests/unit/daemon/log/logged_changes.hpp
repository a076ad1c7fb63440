// Targets whose rounds are made by hand, a clock that is turned by hand, and what the change log says of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/log/change_log.hpp"
#include "tests/unit/daemon/fabricated.hpp"

namespace whylink::fabricated {

/// How a round ends.
struct Look {
    std::optional<bool> healthy = true;
    Cause cause = Cause::healthy;
    checks::Severity severity = checks::Severity::ok;
    checks::Confidence confidence = checks::Confidence::high;
    bool passed = true;
    std::string evidence_file = {};
};

inline const Look well;
inline const Look refused{false, Cause::connection_refused, checks::Severity::critical,
                          checks::Confidence::high, false};
inline const Look unanswered{false, Cause::syn_unanswered, checks::Severity::critical,
                             checks::Confidence::medium, false};

/// Of the cause in the middle of a line. What it is called is with the texts, and no test of the log's.
std::string title(Cause cause);

/// "what there is to say", with evidence and steps where the cause is none of health.
checks::Explanation explained(const config::Target& target, const checks::Verdict& verdict);

class LoggedChanges {
  public:
    using Clock = daemon::ChangeLog::Clock;
    struct Said {
        Clock::time_point at;
        daemon::Record record;
    };

    /// The next round of a target and the telling of it.
    void round(const std::string& name, const Look& look,
               config::TargetKind kind = config::TargetKind::endpoint) {
        change_log_.round_ended(put(name, look, kind), now_);
    }
    void remove(const std::string& name) {
        const std::size_t index = index_.at(name);
        change_log_.removed(targets_[index]->kind(), name);
        targets_.erase(targets_.begin() + static_cast<std::ptrdiff_t>(index));
        index_.clear();
        for (std::size_t i = 0; i < targets_.size(); ++i) {
            index_[targets_[i]->name()] = i;
        }
    }
    void tick() { change_log_.tick(targets_, now_); }
    /// Time passes, second by second.
    void pass(std::chrono::seconds time) {
        for (std::chrono::seconds::rep i = 0; i < time.count(); ++i) {
            now_ += std::chrono::seconds(1);
            tick();
        }
    }
    /// Time passes without a tick.
    void skip(Clock::duration time) { now_ += time; }

    Clock::time_point now() const { return now_; }
    std::map<std::string, std::string>& labels() { return labels_; }
    const std::vector<Said>& all() const { return said_; }
    /// What was said since this was last called.
    std::vector<daemon::Record> take() {
        std::vector<daemon::Record> records;
        for (; taken_ < said_.size(); ++taken_) {
            records.push_back(said_[taken_].record);
        }
        return records;
    }

  private:
    daemon::TargetStatusPtr put(const std::string& name, const Look& look, config::TargetKind kind);

    Clock::time_point now_ = Clock::time_point(std::chrono::hours(1000));
    std::vector<Said> said_;
    std::size_t taken_ = 0;
    daemon::ChangeLog change_log_{[this](daemon::Record record) {
                                      said_.push_back({now_, std::move(record)});
                                  },
                                  now_, explained};
    std::vector<daemon::TargetStatusPtr> targets_;
    std::map<std::string, std::size_t> index_;
    std::map<std::string, std::string> labels_;  ///< of endpoints from now on
};

/// The value of a field, or none.
template <class T>
std::optional<T> field(const daemon::Record& record, std::string_view key) {
    const auto found =
        std::ranges::find_if(record.fields, [key](const auto& entry) { return entry.first == key; });
    if (found == record.fields.end() || !std::holds_alternative<T>(found->second)) {
        return std::nullopt;
    }
    return std::get<T>(found->second);
}

/// "t0", "t1", ...
std::string name_of(int index);
/// A round of each of the first so many targets.
void all_end(LoggedChanges& logged, const Look& look, int targets);

std::vector<daemon::Record> of_event(const std::vector<daemon::Record>& records, std::string_view event);

/// Fails the test when in any stretch of time more was said than a burst and ten records a second.
void expect_bounded(const LoggedChanges& logged);

/// Name → health and cause, of those that are not healthy without a warning.
using Truth = std::map<std::string, std::pair<bool, std::string>>;
void drop_healthy(Truth& truth);
/// What a reader of the log believes: what it said last of each target, and of the others that all is well.
Truth believed(const LoggedChanges& logged);

}  // namespace whylink::fabricated
