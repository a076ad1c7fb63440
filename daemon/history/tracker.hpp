// Remembers of every target, and of this host, what it is, and finds what changed before a failure. Pure over the times
// that it is given.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checks/surroundings/known_past.hpp"
#include "daemon/history/records.hpp"
#include "daemon/history/ttl_classes.hpp"
#include "daemon/watch/target_status.hpp"
#include "probes/rare.hpp"

namespace whylink::daemon {

/// Of the event loop's thread.
class HistoryTracker {
  public:
    using Clock = std::chrono::steady_clock;

    /// What was known when the daemon ended the last time.
    void restore(StoredHistory stored);
    /// Is checked from now on; `before` as it was checked until now, or null.
    void configured(const config::Target* before, const config::Target& target, HistoryTime at,
                    Clock::time_point now);
    /// Forgets all other targets.
    void keep_only(std::span<const config::TargetPtr> targets);
    /// `seen` is what could be read of this host.
    void host_seen(const Traits& seen, HistoryTime at, Clock::time_point now);
    void clock_stepped(std::chrono::seconds step, HistoryTime at, Clock::time_point now);
    /// The status has a verdict. Null while no round could be made.
    TargetHistoryPtr round_ended(const TargetStatus& status, Clock::time_point now);

    /// What is known when a round of the target has failed, and is not judged yet.
    checks::KnownPast past_of(const std::string& name, const checks::Assessment& round,
                              Clock::time_point now) const;
    /// These files are not there, or no longer: no outage names them.
    void evidence_gone(const std::vector<std::string>& files);
    /// As the file has it, for the first round after a start.
    std::optional<StoredHealth> health_of(const std::string& name) const;
    /// What is to be written since the last call.
    HistoryBatch take() { return std::exchange(news_, {}); }
    const HistoryBatch& news() const { return news_; }

  private:
    /// What is looked for now and then: only about when it changed is known.
    struct Timed {
        Clock::time_point when;
        Change change;
    };
    /// Of a target that fails or did until now, or whose configuration changed since it passed.
    struct Failing {
        std::optional<HistoryTime> outage_since;
        Cause outage_cause = Cause::healthy;
        std::optional<EvidenceRecord> latest_evidence;  ///< as the status names it
        std::vector<EvidenceRecord> evidence;           ///< that the outage does not name yet
        std::vector<Change> changes;                    ///< before the first failed round
        unsigned failed_rounds = 0;                     ///< of the present run
        /// In its rounds: what the first of them could not see may have changed before it all the same.
        std::set<TraitKey> seen_failing;
        std::vector<Timed> config_changes;
        Clock::time_point first_failed = Clock::time_point::min();
    };
    struct Entry {
        TargetName name;
        Traits traits;
        TtlClasses ttls;
        std::optional<StoredHealth> health;
        std::optional<Run> run;
        std::optional<Cause> cause;
        /// Of the latest round that passed; of one before this start: as long ago as can be.
        Clock::time_point passed_began = Clock::time_point::min();
        probes::Rare<Failing> failing;
        TargetHistoryPtr history;
    };

    Entry& entry_of(const std::string& name);
    static Failing& failing_of(Entry& entry) {
        return entry.failing ? *entry.failing : entry.failing.emplace();
    }
    static const Failing& failing_of(const Entry& entry);
    void add_host_change(Change change, Clock::time_point now);
    std::vector<Change> write_traits(const TargetName& name, Traits& known, const Traits& seen,
                                     HistoryTime at);
    void passed(Entry& entry, const Standing& standing, Clock::time_point now);
    void failed(Entry& entry, const Standing& standing, const Traits& seen, Clock::time_point now);
    static void add_timed(Failing& failing, Clock::time_point passed_began, std::span<const Timed> changes);
    std::vector<Change> changes_before(const Entry& entry, const checks::Assessment& round,
                                       Clock::time_point now) const;
    void follow_cause(Entry& entry, const TargetStatus& status);
    bool follow_health(Entry& entry, const TargetStatus& status);
    void follow_outage(Entry& entry, const TargetStatus& status);
    static void follow_evidence(Entry& entry, const TargetStatus& status);
    void name_evidence(Entry& entry);
    static void forget_failure(Entry& entry);

    std::unordered_map<std::string, Entry> entries_;
    Traits host_;
    std::vector<Timed> host_changes_;  ///< the latest, the oldest first
    HistoryBatch news_;
};

/// The lines of the effective configuration in which two targets differ: "port = 9440" and "port = 8443".
struct ConfigDifference {
    std::string from;
    std::string to;
};
ConfigDifference config_difference(const config::Target& before, const config::Target& after);

}  // namespace whylink::daemon
