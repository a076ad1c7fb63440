#include "daemon/control/keeper.hpp"

#include <algorithm>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>

#include "daemon/control/choice.hpp"
#include "daemon/control/subject.hpp"
#include "daemon/system/call_later.hpp"
#include "daemon/watch/target_status.hpp"

namespace whylink::daemon {

namespace {

using Clock = ReadSchedule::Clock;
using Answered = std::variant<control::Answer, NoReader>;

constexpr auto metadata_interval = std::chrono::hours(1);

control::Time wall_now() {
    return std::chrono::floor<std::chrono::milliseconds>(control::WallClock::now());
}

/// Everything that this identity may read was read: what is forbidden stays so.
bool is_complete(const control::Readings& readings) {
    return std::ranges::all_of(readings.reads, [](const control::Read& read) {
        return read.result == control::Result::ok || read.result == control::Result::not_found ||
               read.result == control::Result::forbidden;
    });
}

/// A target that accounts are asked about.
struct User {
    control::Subject subject;           ///< of the latest request
    std::vector<std::string> accounts;  ///< in the order of their requests
    TargetReadingsPtr readings;         ///< null: to be made
};

}  // namespace

/// Of the loop's thread. What is under way keeps it, and `stopped` tells that nobody is interested any more.
struct AccountKeeper::State : std::enable_shared_from_this<AccountKeeper::State> {
    State(asio::io_context& on, Options given, Host of)
        : loop(on),
          options(std::move(given)),
          host(std::move(of)),
          client(on.get_executor(), options.client),
          metadata_timer(on) {}

    struct Entry {
        Entry(config::Account what, ReadSchedule when, asio::io_context& loop)
            : account(std::move(what)), schedule(when), timer(loop) {}
        config::Account account;
        ReadSchedule schedule;
        asio::steady_timer timer;
        bool under_way = false;
        bool removed = false;
    };
    using EntryPtr = std::shared_ptr<Entry>;

    asio::io_context& loop;
    const Options options;
    Host host;
    ControlClient client;
    asio::steady_timer metadata_timer;
    bool metadata = false;
    bool stopped = false;
    std::vector<EntryPtr> entries;
    std::map<std::string, User> users;
    ReadingsBook book;
    ControlStatus status;
    bool reader_is_there = true;

    void arm(const EntryPtr& entry);
    void ask(const EntryPtr& entry);
    asio::awaitable<void> run(std::shared_ptr<State> self, EntryPtr entry, control::ReadRequest request);
    void take(Entry& entry, Answered answered);
    std::vector<control::Subject> subjects_for(const config::Account& account);
    void forget(const std::string& account);
    void forget_made();

    asio::awaitable<void> run_metadata(std::shared_ptr<State> self);
    void ask_metadata();
    void say_reader(const Answered& answered);
};

void AccountKeeper::State::arm(const EntryPtr& entry) {
    const auto due = entry->schedule.due();
    if (entry->under_way || entry->removed || due == Clock::time_point::max()) {
        return;
    }
    call_at(entry->timer, due, [self = weak_from_this(), entry] {
        const auto state = self.lock();
        if (state && !state->stopped && !entry->removed) {
            state->ask(entry);
        }
    });
}

std::vector<control::Subject> AccountKeeper::State::subjects_for(const config::Account& account) {
    forget(account.name);
    std::vector<control::Subject> subjects;
    for (const TargetStatusPtr& target : host.statuses()) {
        if (!fits(account, *target->target, options.cloud)) {
            continue;
        }
        User& user = users[target->name()];
        user.subject = subject_of(*target->target, target->verdict.get());
        user.accounts.push_back(account.name);
        subjects.push_back(user.subject);
    }
    return subjects;
}

/// Users without an account are targets that are no longer watched.
void AccountKeeper::State::forget(const std::string& account) {
    for (auto& [name, user] : users) {
        std::erase(user.accounts, account);
    }
    std::erase_if(users, [](const auto& user) { return user.second.accounts.empty(); });
}

void AccountKeeper::State::forget_made() {
    for (auto& [name, user] : users) {
        user.readings = nullptr;
    }
}

void AccountKeeper::State::ask(const EntryPtr& entry) {
    control::ReadRequest request;
    request.account = entry->account;
    request.subjects = subjects_for(entry->account);
    request.not_before = entry->schedule.begin(wall_now(), Clock::now());
    request.timeout_ms = static_cast<std::uint32_t>(options.timeout.count());
    if (request.subjects.empty()) {
        entry->schedule.ended(true, Clock::now());
        return arm(entry);
    }
    entry->under_way = true;
    asio::co_spawn(loop, run(shared_from_this(), entry, std::move(request)), asio::detached);
}

asio::awaitable<void> AccountKeeper::State::run(std::shared_ptr<State> self, EntryPtr entry,
                                                control::ReadRequest request) {
    Answered answered = co_await self->client.ask(std::move(request));
    if (self->stopped) {
        co_return;
    }
    entry->under_way = false;
    if (!entry->removed) {
        self->take(*entry, std::move(answered));
        self->arm(entry);
    }
}

void AccountKeeper::State::take(Entry& entry, Answered answered) {
    say_reader(answered);
    const std::string& account = entry.account.name;
    control::Readings readings;
    auto* whole = std::get_if<control::Answer>(&answered);
    if (auto* answer = whole == nullptr ? nullptr : std::get_if<control::ReadAnswer>(whole)) {
        readings = std::move(answer->readings);
        for (const control::Calls& calls : answer->calls) {
            status.reads[{account, calls.read, calls.result}] += calls.count;
        }
    } else {
        const auto* missing = std::get_if<NoReader>(&answered);
        readings.reads.push_back(not_read(
            account,
            missing == nullptr ? "the account reader gave an answer of another kind" : missing->reason,
            wall_now()));
        ++status.reads[{account, "account", control::Result::unreachable}];
    }
    entry.schedule.ended(is_complete(readings), Clock::now());
    book.put(account, std::move(readings));
    forget_made();
}

void AccountKeeper::State::say_reader(const Answered& answered) {
    const auto* missing = std::get_if<NoReader>(&answered);
    if (reader_is_there != (missing == nullptr)) {
        reader_is_there = missing == nullptr;
        host.say(reader_is_there, reader_is_there ? "accounts are read again"
                                                  : "accounts are not read: " + missing->reason +
                                                        "; diagnoses use what this host sees");
    }
}

void AccountKeeper::State::ask_metadata() {
    asio::co_spawn(loop, run_metadata(shared_from_this()), asio::detached);
}

asio::awaitable<void> AccountKeeper::State::run_metadata(std::shared_ptr<State> self) {
    control::WhereRequest request;
    // Of another cloud or none by what this host looks like: each is asked.
    request.cloud = self->options.cloud == config::Cloud::other ? std::nullopt : self->options.cloud;
    const Answered answered = co_await self->client.ask(std::move(request));
    if (self->stopped || !self->metadata) {
        co_return;
    }
    self->say_reader(answered);
    const auto* whole = std::get_if<control::Answer>(&answered);
    const auto* answer = whole == nullptr ? nullptr : std::get_if<control::ReadAnswer>(whole);
    if (answer != nullptr && !answer->readings.facts.instances.empty()) {
        self->book.put(answer->readings.facts.instances.front());
        self->status.instance = self->book.instance();
        self->forget_made();
    }
    const auto pause = whole == nullptr ? self->options.pace.retry : metadata_interval;
    call_after(self->metadata_timer, pause, [weak = self->weak_from_this()] {
        const auto state = weak.lock();
        if (state && !state->stopped && state->metadata) {
            state->ask_metadata();
        }
    });
}

AccountKeeper::AccountKeeper(asio::io_context& loop, Options options, Host host)
    : state_(std::make_shared<State>(loop, std::move(options), std::move(host))) {}

AccountKeeper::~AccountKeeper() {
    state_->stopped = true;
    for (const State::EntryPtr& entry : state_->entries) {
        entry->timer.cancel();
    }
    state_->metadata_timer.cancel();
}

void AccountKeeper::configure(const std::vector<config::Account>& accounts, bool metadata) {
    std::vector<State::EntryPtr> entries;
    for (const config::Account& account : accounts) {
        const auto same = std::ranges::find_if(
            state_->entries, [&](const State::EntryPtr& known) { return known->account == account; });
        if (same != state_->entries.end()) {
            entries.push_back(*same);
            continue;
        }
        const ReadSchedule schedule(account.interval, state_->options.pace, Clock::now());
        entries.push_back(std::make_shared<State::Entry>(account, schedule, state_->loop));
        state_->arm(entries.back());
    }
    for (const State::EntryPtr& before : state_->entries) {
        if (std::ranges::find(entries, before) == entries.end()) {
            before->removed = true;
            before->timer.cancel();
            state_->forget(before->account.name);
            state_->book.remove(before->account.name);
        }
    }
    state_->entries = std::move(entries);
    state_->forget_made();
    if (metadata && !state_->metadata) {
        state_->ask_metadata();
    }
    state_->metadata = metadata;
}

void AccountKeeper::round_ended(const TargetStatus& status) {
    if (!status.failing_since) {
        return;
    }
    for (const State::EntryPtr& entry : state_->entries) {
        if (fits(entry->account, *status.target, state_->options.cloud)) {
            entry->schedule.failing(*status.failing_since, Clock::now());
            state_->arm(entry);
        }
    }
}

TargetReadingsPtr AccountKeeper::of(const std::string& name) {
    const auto found = state_->users.find(name);
    if (found == state_->users.end()) {
        return nullptr;
    }
    User& user = found->second;
    if (user.readings == nullptr) {
        user.readings = state_->book.of(user.subject, user.accounts);
    }
    return user.readings;
}

const ControlStatus& AccountKeeper::status() const {
    return state_->status;
}

}  // namespace whylink::daemon
