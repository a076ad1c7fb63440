// What accounts answered, and what of it is about which target.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/control/facts.hpp"
#include "checks/control/subject.hpp"

namespace whylink::daemon {

/// The state of a target's private connection by the API of an account.
struct ConnectionStanding {
    std::string account;
    control::ConnectionState state = control::ConnectionState::unknown;
    bool operator==(const ConnectionStanding&) const = default;
};

/// Of one target; immutable once it is shared.
struct TargetReadings {
    std::shared_ptr<const control::Readings> all;  ///< of the accounts that it uses; never null
    std::vector<control::Read> reads;              ///< about it, or about all targets of its accounts
    std::optional<ConnectionStanding> connection;
    control::Subject subject;  ///< the target, as the accounts were asked about it
};
using TargetReadingsPtr = std::shared_ptr<const TargetReadings>;

/// A read that nobody made: the reader is not there, or had no time.
control::Read not_read(const std::string& account, std::string reason, control::Time at);

/// Of one's own thread.
class ReadingsBook {
  public:
    /// Replaces what the account answered before: what could not be read this time is not known any more.
    void put(const std::string& account, control::Readings readings);
    void remove(const std::string& account);
    /// Of the metadata service: stands among the facts of every target.
    void put(control::Instance instance);
    const std::optional<control::Instance>& instance() const { return instance_; }

    /// Of the accounts named that have answered; null where none has. Facts of other accounts have no part in it:
    /// private addresses and names of security groups repeat from account to account.
    TargetReadingsPtr of(const control::Subject& subject, const std::vector<std::string>& accounts);

  private:
    /// With the places of its reads by target: an answer has reads of every target, and each target asks for its own.
    struct Answer {
        explicit Answer(control::Readings of);
        void add_reads(std::vector<control::Read>& reads, const std::string& target) const;

        control::Readings readings;
        std::map<std::string, std::vector<std::size_t>> about;
        std::vector<std::size_t> about_all;
    };

    std::shared_ptr<const control::Readings> joined(const std::vector<std::string>& accounts);

    std::map<std::string, Answer> answers_;
    std::optional<control::Instance> instance_;
    /// By the accounts; shared by all targets that use the same.
    std::map<std::vector<std::string>, std::shared_ptr<const control::Readings>> joined_;
};

}  // namespace whylink::daemon
