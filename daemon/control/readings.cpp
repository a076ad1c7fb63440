#include "daemon/control/readings.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "checks/control/findings.hpp"

namespace whylink::daemon {
namespace {

/// On the provider's side it is the connection to our service, else the endpoint.
std::optional<ConnectionStanding> connection_of(const control::Facts& facts,
                                                const control::Subject& subject) {
    const control::Findings found = control::find(facts, subject, std::nullopt);
    if (subject.side == control::Side::provider) {
        return found.connection == nullptr ? std::nullopt
                                           : std::optional(ConnectionStanding{
                                                 found.connection->origin.account, found.connection->state});
    }
    return found.endpoint == nullptr
               ? std::nullopt
               : std::optional(ConnectionStanding{found.endpoint->origin.account, found.endpoint->state});
}

}  // namespace

control::Read not_read(const std::string& account, std::string reason, control::Time at) {
    control::Read read;
    read.account = account;
    read.read = "account";
    read.result = control::Result::unreachable;
    read.read_at = at;
    read.detail = std::move(reason);
    return read;
}

ReadingsBook::Answer::Answer(control::Readings of) : readings(std::move(of)) {
    for (std::size_t i = 0; i < readings.reads.size(); ++i) {
        const std::vector<std::string>& targets = readings.reads[i].targets;
        if (targets.empty()) {
            about_all.push_back(i);
        }
        for (const std::string& target : targets) {
            std::vector<std::size_t>& places = about[target];
            if (places.empty() || places.back() != i) {
                places.push_back(i);
            }
        }
    }
}

/// In the order of the answer.
void ReadingsBook::Answer::add_reads(std::vector<control::Read>& reads, const std::string& target) const {
    static const std::vector<std::size_t> none;
    const auto found = about.find(target);
    std::vector<std::size_t> places;
    std::ranges::merge(about_all, found == about.end() ? none : found->second, std::back_inserter(places));
    for (const std::size_t place : places) {
        reads.push_back(readings.reads[place]);
    }
}

void ReadingsBook::put(const std::string& account, control::Readings readings) {
    answers_.insert_or_assign(account, Answer(std::move(readings)));
    joined_.clear();
}

void ReadingsBook::remove(const std::string& account) {
    answers_.erase(account);
    joined_.clear();
}

void ReadingsBook::put(control::Instance instance) {
    instance_ = std::move(instance);
    joined_.clear();
}

std::shared_ptr<const control::Readings> ReadingsBook::joined(const std::vector<std::string>& accounts) {
    std::shared_ptr<const control::Readings>& made = joined_[accounts];
    if (made == nullptr) {
        control::Readings all;
        for (const std::string& account : accounts) {
            if (const auto found = answers_.find(account); found != answers_.end()) {
                append(all, found->second.readings);
            }
        }
        const bool knows_host = instance_ && std::ranges::any_of(all.facts.instances, [&](const auto& known) {
                                    return known.cloud == instance_->cloud;
                                });
        if (instance_ && !knows_host) {
            all.facts.instances.push_back(*instance_);
        }
        made = std::make_shared<const control::Readings>(std::move(all));
    }
    return made;
}

TargetReadingsPtr ReadingsBook::of(const control::Subject& subject,
                                   const std::vector<std::string>& accounts) {
    std::vector<std::string> answered;
    std::ranges::copy_if(accounts, std::back_inserter(answered),
                         [this](const std::string& account) { return answers_.contains(account); });
    if (answered.empty()) {
        return nullptr;
    }
    auto readings = std::make_shared<TargetReadings>();
    readings->all = joined(answered);
    for (const std::string& account : answered) {
        answers_.at(account).add_reads(readings->reads, subject.target);
    }
    readings->connection = connection_of(readings->all->facts, subject);
    readings->subject = subject;
    return readings;
}

}  // namespace whylink::daemon
