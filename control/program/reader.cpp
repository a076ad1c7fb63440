#include "control/program/reader.hpp"

#include <algorithm>
#include <concepts>
#include <thread>
#include <utility>

#include "control/aws/instance.hpp"
#include "control/azure/read.hpp"
#include "control/protocol/json.hpp"

namespace whylink::control {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t longest_timeout_ms = 120'000;

Clock::time_point until(std::uint32_t timeout_ms) {
    return Clock::now() + std::chrono::milliseconds(std::min(timeout_ms, longest_timeout_ms));
}

Time now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(WallClock::now());
}

std::vector<Calls> calls_of(AccountReader& reader) {
    std::vector<Calls> calls;
    for (const Caller::Count& count : reader.take_counts()) {
        calls.push_back({std::string(operation(count.op).name), count.result, count.count});
    }
    return calls;
}

/// Another request of the account has taken the whole time.
Readings too_late(const config::Account& account) {
    Read read;
    read.account = account.name;
    read.read = "account";
    read.result = Result::unreachable;
    read.read_at = now();
    read.detail = "not asked in time";
    Readings readings;
    readings.reads.push_back(std::move(read));
    return readings;
}

/// Without the lock where it is not free in time.
std::unique_lock<std::mutex> lock_until(std::mutex& mutex, Clock::time_point until) {
    std::unique_lock lock(mutex, std::defer_lock);
    constexpr auto pause = std::chrono::milliseconds(10);
    while (!lock.try_lock() && Clock::now() < until) {
        std::this_thread::sleep_for(pause);
    }
    return lock;
}

}  // namespace

Answer Reader::answer(const Request& request) {
    return std::visit(
        [this]<class What>(const What& what) -> Answer {
            if constexpr (std::same_as<What, ReadRequest>) {
                return read(what);
            } else if constexpr (std::same_as<What, CheckRequest>) {
                return check(what);
            } else {
                return where(what);
            }
        },
        request);
}

std::string Reader::line(const Request& request) {
    std::string line = redaction_.apply(to_line(answer(request)));
    if (line.size() < max_answer_line) {
        return line;
    }
    const std::uint64_t id = std::visit([](const auto& what) { return what.id; }, request);
    return to_line(Refusal{id, "the answer is longer than a line may be"});
}

Answer Reader::read(const ReadRequest& request) {
    const auto deadline = until(request.timeout_ms);
    const auto entry = entry_of(request.account);
    ReadAnswer answer;
    answer.id = request.id;
    const auto lock = lock_until(entry->busy, deadline);
    if (!lock) {
        answer.readings = too_late(request.account);
        return answer;
    }
    const Time oldest = now() - request.account.interval;
    const Terms terms{deadline, std::max(oldest, request.not_before.value_or(oldest))};
    answer.readings = entry->reader->read(request, terms);
    answer.calls = calls_of(*entry->reader);
    return answer;
}

Answer Reader::check(const CheckRequest& request) {
    const auto deadline = until(request.timeout_ms);
    const auto entry = entry_of(request.account);
    const auto lock = lock_until(entry->busy, deadline);
    if (!lock) {
        return Refusal{request.id, "the account is being read"};
    }
    CheckAnswer answer = entry->reader->check({deadline, now()});
    answer.id = request.id;
    return answer;
}

Answer Reader::where(const WhereRequest& request) {
    const auto deadline = until(request.timeout_ms);
    const auto may_be = [&](config::Cloud cloud) { return !request.cloud || request.cloud == cloud; };
    ReadAnswer answer;
    answer.id = request.id;
    std::variant<Instance, Reply> found = Reply{};
    const auto metadata = environment_.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (may_be(config::Cloud::aws) && environment_.variable("AWS_EC2_METADATA_DISABLED") != "true") {
        AwsMetadata session(transport_, redaction_, metadata.value_or(""));
        found = aws_instance(session, deadline);
    }
    if (!std::holds_alternative<Instance>(found) && may_be(config::Cloud::azure)) {
        found = azure_instance(transport_, redaction_, deadline);
    }
    if (auto* instance = std::get_if<Instance>(&found)) {
        answer.readings.facts.instances.push_back(std::move(*instance));
    }
    return answer;
}

std::shared_ptr<Reader::Entry> Reader::entry_of(const config::Account& account) {
    const std::lock_guard lock(mutex_);
    const auto known = accounts_.find(account.name);
    if (known != accounts_.end() && known->second->reader->account() == account) {
        known->second->asked = Clock::now();
        return known->second;
    }
    if (known == accounts_.end() && accounts_.size() >= max_accounts) {
        accounts_.erase(
            std::ranges::min_element(accounts_, {}, [](const auto& entry) { return entry.second->asked; }));
    }
    // A request of the account as it was goes on with it.
    auto entry = std::make_shared<Entry>();
    entry->reader = make_account_reader(account, transport_, environment_, redaction_);
    entry->asked = Clock::now();
    accounts_[account.name] = entry;
    return entry;
}

}  // namespace whylink::control
