#include "daemon/run/service.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <utility>

#include "checks/explain/text.hpp"
#include "config/capacity.hpp"
#include "daemon/control/keeper.hpp"
#include "daemon/evidence/keeper.hpp"
#include "daemon/history/keeper.hpp"
#include "daemon/history/store.hpp"
#include "daemon/http/http_endpoint.hpp"
#include "daemon/http/routes.hpp"
#include "daemon/log/change_log.hpp"
#include "daemon/log/journal.hpp"
#include "daemon/log/log.hpp"
#include "daemon/log/loop_stalls.hpp"
#include "daemon/log/overload.hpp"
#include "daemon/packets/packet_service.hpp"
#include "daemon/probe/prober.hpp"
#include "daemon/report/report.hpp"
#include "daemon/run/notify.hpp"
#include "daemon/run/process.hpp"
#include "daemon/run/reload.hpp"
#include "daemon/run/reload_queue.hpp"
#include "daemon/system/call_later.hpp"
#include "daemon/system/signals.hpp"
#include "daemon/system/standard_streams.hpp"
#include "probes/host/identity.hpp"
#include "probes/loop_time.hpp"

namespace whylink::daemon {
namespace {

using Clock = std::chrono::steady_clock;
using config::LogLevel;

constexpr int exit_cannot_listen = 1;
// systemd and whoever else stops a service waits no longer than a second; the log's last half second
// included.
constexpr auto max_end = std::chrono::milliseconds(850);
constexpr auto reload_retry = std::chrono::milliseconds(200);
// However often a reload is asked for, rounds have the host to themselves in between.
constexpr auto min_between_reloads = std::chrono::seconds(1);
// How old a page may be. Without a client nobody waits for the loop, and the loop for nobody.
constexpr auto publish_period = std::chrono::milliseconds(200);
constexpr auto tick_period = std::chrono::seconds(1);

http::Limits http_limits(std::size_t open_files) {
    constexpr std::size_t fewest = 16;
    http::Limits limits;
    limits.connections = std::clamp(open_files / 8, fewest, limits.connections);
    limits.connections_of_peer = std::min(limits.connections_of_peer, limits.connections / 4);
    return limits;
}

/// Descriptors that are not for rounds: HTTP connections, files that are read, the log, the event loop; and the
/// connections that are held idle, and probes on demand.
std::size_t reserved_files(std::size_t open_files) {
    constexpr std::size_t own = 36;
    return own + http_limits(open_files).connections + Holds::most + OnDemandProber::reserved_files;
}

std::size_t files_of_rounds(std::size_t open_files) {
    const std::size_t reserved = reserved_files(open_files);
    return open_files > reserved ? open_files - reserved : 0;
}

/// Under systemd its socket starts the reader of accounts, with an account of its own; elsewhere it is a child.
AccountKeeper::Options accounts_options(std::optional<config::Cloud> cloud,
                                        std::function<bool(std::function<void()>)> beside) {
    AccountKeeper::Options options;
    options.client.program = find_reader();
    options.client.starts = std::getenv("NOTIFY_SOCKET") == nullptr;  // NOLINT(concurrency-mt-unsafe)
    options.client.beside = std::move(beside);
    options.cloud = cloud;
    return options;
}

/// What is shown of the daemon, for threads that must not wait for its loop.
class Latest {
  public:
    void put(SnapshotPtr snapshot) {
        const std::lock_guard lock(mutex_);
        snapshot_.swap(snapshot);
        put_ = Clock::now();
    }
    std::chrono::seconds age() const {
        const std::lock_guard lock(mutex_);
        return std::chrono::floor<std::chrono::seconds>(Clock::now() - put_);
    }
    SnapshotPtr get() const {
        const std::lock_guard lock(mutex_);
        return snapshot_;
    }

  private:
    mutable std::mutex mutex_;
    SnapshotPtr snapshot_ = std::make_shared<const Snapshot>();
    Clock::time_point put_ = Clock::now();
};

/// The daemon between its first and its last moment. Everything runs on the loop's thread but what the workers
/// do.
class Service {
  public:
    Service(std::string config_file, PreparedConfig first);
    /// The status to exit with.
    int run();

  private:
    http::Daemon http_view();
    void probe(const ProbeRequest& request, const std::shared_ptr<http::Departure>& departure,
               OnDemandProber::Respond respond);
    Watcher::Observer watcher_observer();
    SnapshotPtr snapshot() const;
    void publish();
    void publish_again();

    void take_over(PreparedConfig prepared);
    void say_limit(const std::vector<config::TargetPtr>& targets);
    void say_overload();
    void beat(Clock::time_point due);
    void say_start();
    /// The fault that keeps packets from being captured although the config insists on them.
    std::optional<std::string> open_capture(const config::Capture& settings, CaptureWish wish);
    void say_capture(bool good, std::string text);
    void say_history(bool good, std::string text);
    void say_accounts(bool good, std::string text);
    AccountKeeper::Host accounts_host();
    std::string keep_evidence(const TargetStatus& status, probes::KeptFrames frames);

    void begin_reload();
    void read_config();
    void end_reload(std::variant<PreparedConfig, ConfigErrors> outcome);
    http::ReloadResult adopt(PreparedConfig prepared);
    http::ReloadResult refuse(ConfigErrors errors);

    void take_signal(int signal);
    void say_end();
    void tick();
    void feed_watchdog(std::chrono::microseconds period);
    std::string status_text() const;

    std::string config_file_;
    std::string vantage_point_ = vantage_point();
    probes::HostIdentity host_ = probes::host_identity();
    std::size_t open_files_ = raise_open_files();
    RoundLimit limit_;
    OverloadWatch overload_;
    StallWatch stalls_;
    std::chrono::nanoseconds computed_{};  ///< CPU time of the loop's thread at the last beat
    config::Daemon daemon_;
    std::string evidence_directory_;
    ConfigStatus config_status_;
    std::atomic<bool> ready_ = false;
    std::atomic<int> end_signal_ = 0;  ///< not 0: the daemon is ending
    Latest latest_;
    ReloadQueue reloads_;
    Clock::time_point last_reload_ = Clock::now() - min_between_reloads;
    std::string shown_status_;

    // Destroyed from the last to the first: the loop ends what is under way only when nobody uses it any
    // more, and the log outlives all.
    Log log_;
    ServiceManager manager_;
    asio::io_context loop_{1};
    asio::steady_timer tick_{loop_};
    asio::steady_timer watchdog_{loop_};
    asio::steady_timer beat_{loop_};
    asio::steady_timer retry_{loop_};
    asio::steady_timer publish_{loop_};
    ChangeLog change_log_;
    PacketService packets_;
    EvidenceKeeper evidence_;
    HistoryKeeper history_;
    AccountKeeper accounts_;
    Watcher watcher_;
    OnDemandProber prober_;
    Worker worker_;
    /// For evidence alone: a disk that is slow, or hangs, must not keep a scrape or a reload waiting.
    Worker evidence_worker_{EvidenceKeeper::max_waiting_files + 8, "whylink-disk"};
    /// For pages alone: however many clients ask for them, a reload does not wait behind them.
    Worker page_worker_{64, "whylink-page"};
    http::HttpEndpoint http_endpoint_;
    PreparedConfig first_;
};

Service::Service(std::string config_file, PreparedConfig first)
    : config_file_(std::move(config_file)),
      daemon_(first.wanted.daemon),
      reloads_([this] { begin_reload(); }),
      log_(daemon_.log_format, daemon_.log_level, STDERR_FILENO, journal_socket_path),
      change_log_([this](const Record& made) { log_.write(made); }, Clock::now()),
      packets_(loop_, {.beside = [this](std::function<void()> job) { return worker_.post(std::move(job)); },
                       .say = [this](bool good, std::string text) { say_capture(good, std::move(text)); }}),
      evidence_(loop_, {.say = [this](bool good, std::string text) { say_capture(good, std::move(text)); },
                        .gone =
                            [this](const std::vector<std::string>& files) {
                                watcher_.evidence_gone(files);
                                history_.evidence_gone(files);
                            }}),
      history_(loop_, {.say = [this](bool good, std::string text) { say_history(good, std::move(text)); },
                       .beside = [this](std::function<void()> job) { return worker_.post(std::move(job)); },
                       .drop_evidence =
                           [this](std::vector<std::string> files) {
                               evidence_.remove(std::move(files), evidence_worker_);
                           }}),
      accounts_(loop_,
                accounts_options(host_.cloud,
                                 [this](std::function<void()> job) { return worker_.post(std::move(job)); }),
                accounts_host()),
      watcher_(loop_, &packets_, watcher_observer()),
      prober_(loop_,
              {.generation = [this] { return watcher_.generation(); },
               .targets = [this] { return watcher_.targets(); },
               .broke =
                   [this](const std::string& target, const std::string& what) {
                       log_.write({LogLevel::error, "defect",
                                   fmt::format("a probe of {} broke off, which is a defect of whylink: {}",
                                               target, what)});
                   }},
              vantage_point_),
      http_endpoint_(loop_, worker_, http::routes(http_view(), page_worker_), http_limits(open_files_),
                     {.inform =
                          [this](std::string text) {
                              log_.write({LogLevel::info, "http", std::move(text)});
                          },
                      .complain =
                          [this](std::string text) {
                              log_.write({LogLevel::warn, "http", std::move(text)});
                          }}),
      first_(std::move(first)) {}

Watcher::Observer Service::watcher_observer() {
    return {.keep_evidence =
                [this](const TargetStatus& status, probes::KeptFrames frames) {
                    return keep_evidence(status, std::move(frames));
                },
            .recall = [this](const std::string& name) { return history_.health_of(name); },
            .past = [this](const std::string& name,
                           const checks::Assessment& round) { return history_.past_of(name, round); },
            .readings = [this](const std::string& name) { return accounts_.of(name); },
            .remember = [this](const TargetStatus& status) { return history_.round_ended(status); },
            .round_ended =
                [this](const TargetStatusPtr& status) {
                    accounts_.round_ended(*status);
                    change_log_.round_ended(status, Clock::now());
                },
            .removed = [this](config::TargetKind kind,
                              const std::string& name) { change_log_.removed(kind, name); },
            .round_broke =
                [this](const std::string& name, const std::string& what) {
                    log_.write(
                        {LogLevel::error, "defect",
                         fmt::format("defect in whylink: a round of {} stopped: {}; report it", name, what)});
                }};
}

http::Daemon Service::http_view() {
    return {
        .snapshot = [this] { return latest_.get(); },
        .ready = [this] { return ready_ && end_signal_ == 0; },
        .stopping = [this] { return end_signal_ != 0; },
        .behind = [this] { return latest_.age(); },
        .reload =
            [this](ReloadQueue::Answer answer) {
                asio::post(loop_,
                           [this, answer = std::move(answer)]() mutable { reloads_.ask(std::move(answer)); });
            },
        .probe =
            [this](const ProbeRequest& request, const std::shared_ptr<http::Departure>& departure,
                   OnDemandProber::Respond respond) {
                asio::post(loop_, [this, request, departure, respond = std::move(respond)]() mutable {
                    probe(request, departure, std::move(respond));
                });
            },
        .check =
            [this](const std::string& name, std::function<void(bool)> done) {
                asio::post(loop_, [this, name, done = std::move(done)] { done(watcher_.check_now(name)); });
            },
        .version = WHYLINK_VERSION,
        .history = state_directory() / history_file_name};
}

/// On the loop. Whoever notices that the client has gone is another thread.
void Service::probe(const ProbeRequest& request, const std::shared_ptr<http::Departure>& departure,
                    OnDemandProber::Respond respond) {
    OnDemandProber::Cancel cancel = prober_.answer(request, std::move(respond));
    if (departure != nullptr) {
        departure->when_gone([this, cancel = std::move(cancel)] { asio::post(loop_, cancel); });
    }
}

SnapshotPtr Service::snapshot() const {
    const probes::PieceOfWork piece([] { return std::string("copying the state for a page"); });
    auto made = std::make_shared<Snapshot>(watcher_.snapshot());
    made->vantage_point = vantage_point_;
    made->host = host_;
    made->config = config_status_;
    made->log_records_dropped = log_.dropped();
    const probes::CaptureCounts counts = packets_.counts();
    made->capture = {packets_.interface(), packets_.up(), counts.packets, counts.dropped, packets_.fault()};
    made->loop_stalls = stalls_.stalls();
    if (packets_.up()) {
        made->evidence = evidence_.status();
    }
    made->evidence_directory = evidence_directory_;
    made->history = history_.status();
    made->http = http_endpoint_.status();
    made->control = accounts_.status();
    return made;
}

/// Ready is what was published: who is told so finds every target in the next report. A target that is added later is
/// new, and the daemon as ready as it was.
void Service::publish() {
    latest_.put(snapshot());
    ready_ = ready_ || watcher_.complete();
}

void Service::publish_again() {
    publish();
    call_after(publish_, publish_period, [this] { publish_again(); });
}

// ---- configuration ----

void Service::take_over(PreparedConfig prepared) {
    daemon_ = prepared.wanted.daemon;
    log_.configure(daemon_.log_format, daemon_.log_level);
    std::vector<config::TargetPtr> targets;
    for (const PlannedTarget& planned : prepared.plan.targets) {
        targets.push_back(planned.what);
    }
    limit_ = {rounds_for(targets, daemon_.max_concurrent, files_of_rounds(open_files_)),
              daemon_.max_concurrent, open_files_};
    evidence_directory_ = prepared.wanted.capture.evidence_dir;
    evidence_.configure(prepared.wanted.capture.evidence_dir, prepared.wanted.capture.evidence_limit);
    if (packets_.up()) {
        evidence_.try_directory(evidence_worker_);
    }
    history_.configure(prepared.wanted.history, prepared.plan, watcher_.targets());
    watcher_.apply(std::move(prepared.plan), std::move(prepared.generation), limit_.at_once);
    accounts_.configure(prepared.wanted.accounts, daemon_.metadata);
    prober_.configure(std::move(prepared.wanted.on_demand));
    config_status_ = {true, std::chrono::system_clock::now()};
    for (std::string& remark : prepared.remarks) {
        log_.write({LogLevel::warn, "config", std::move(remark)});
    }
    say_limit(targets);
}

/// Only a warning where the worst case would need more.
void Service::say_limit(const std::vector<config::TargetPtr>& targets) {
    if (limit_.at_once == limit_.configured) {
        return;
    }
    const config::Load worst = config::worst_load(targets);
    const std::size_t needed =
        config::files_for(targets, std::min<std::size_t>(worst.needed(), limit_.configured));
    const bool too_few = worst.exceeds(limit_.at_once);
    log_.write(
        {too_few ? LogLevel::warn : LogLevel::info, "limit",
         fmt::format("at most {} concurrent checks instead of {}: this process may open {} files{}",
                     limit_.at_once, limit_.configured, open_files_,
                     too_few ? fmt::format("; set LimitNOFILE={} in the unit: if every target times out, {}",
                                           needed + reserved_files(open_files_), config::load_text(worst))
                             : "")});
}

void Service::say_overload() {
    const auto now = Clock::now();
    if (auto record = overload_.tick(
            watcher_.pressure(now), limit_, [this] { return watcher_.load(); }, now)) {
        log_.write(*std::move(record));
    }
}

std::chrono::nanoseconds computed_by_this_thread() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void Service::beat(Clock::time_point due) {
    const auto now = Clock::now();
    const std::chrono::nanoseconds before = std::exchange(computed_, computed_by_this_thread());
    if (auto record = stalls_.beat({now - due, computed_ - before, probes::take_longest_piece()}, now)) {
        log_.write(*std::move(record));
    }
    const auto next = now + StallWatch::period;
    call_at(beat_, next, [this, next] { beat(next); });
}

std::optional<std::string> Service::open_capture(const config::Capture& settings, CaptureWish wish) {
    const auto fault = packets_.configure(settings, std::move(wish));
    if (!fault) {
        return std::nullopt;
    }
    if (settings.mode == config::CaptureMode::required) {
        return "capture.enabled is true, but " + not_captured_text(*fault);
    }
    say_capture(false, not_captured_text(*fault) + "; diagnoses use socket results only");
    return std::nullopt;
}

void Service::say_capture(bool good, std::string text) {
    log_.write({good ? LogLevel::info : LogLevel::warn, "capture", std::move(text)});
}

void Service::say_history(bool good, std::string text) {
    log_.write({good ? LogLevel::info : LogLevel::warn, "history", std::move(text)});
}

void Service::say_accounts(bool good, std::string text) {
    log_.write({good ? LogLevel::info : LogLevel::warn, "accounts", std::move(text)});
}

AccountKeeper::Host Service::accounts_host() {
    return {.statuses = [this] { return watcher_.statuses(); },
            .say = [this](bool good, std::string text) { say_accounts(good, std::move(text)); }};
}

std::string Service::keep_evidence(const TargetStatus& status, probes::KeptFrames frames) {
    if (!packets_.up()) {
        return {};
    }
    return evidence_.keep(status, std::move(frames), packets_.origin(), vantage_point_, evidence_worker_);
}

void Service::say_start() {
    const std::string where =
        daemon_.listen.empty()
            ? "HTTP is off"
            : fmt::format("metrics on {}://{}/metrics", daemon_.tls.on() ? "https" : "http", daemon_.listen);
    log_.write({LogLevel::info, "start",
                fmt::format("whylink {} started: {} from {}; {}", WHYLINK_VERSION,
                            checks::count_text(watcher_.statuses().size(), "target"), config_file_, where)});
}

// ---- reload ----

void Service::begin_reload() {
    call_at(retry_, last_reload_ + min_between_reloads, [this] { read_config(); });
}

void Service::read_config() {
    last_reload_ = Clock::now();
    manager_.reloading();
    auto job = [this, before = watcher_.targets()] {
        auto outcome = std::make_shared<std::variant<PreparedConfig, ConfigErrors>>(
            prepare_config(config_file_, before));
        asio::post(loop_, [this, outcome] { end_reload(std::move(*outcome)); });
    };
    if (worker_.post(std::move(job))) {
        return;
    }
    // Too much is being rendered, which passes.
    call_after(retry_, reload_retry, [this] { read_config(); });
}

void Service::end_reload(std::variant<PreparedConfig, ConfigErrors> outcome) {
    auto* prepared = std::get_if<PreparedConfig>(&outcome);
    const http::ReloadResult result = prepared != nullptr
                                          ? adopt(std::move(*prepared))
                                          : refuse(std::move(std::get<ConfigErrors>(outcome)));
    manager_.ready(status_text());
    reloads_.done(result);
    static_cast<void>(worker_.post(give_back_memory));
}

http::ReloadResult Service::adopt(PreparedConfig prepared) {
    if (auto fault = http_endpoint_.move_to(prepared.wanted.daemon.listen, std::move(prepared.access))) {
        return refuse({std::move(*fault)});
    }
    if (auto fault = open_capture(prepared.wanted.capture, std::move(prepared.capture_wish))) {
        return refuse({std::move(*fault)});
    }
    const std::string text = "configuration reloaded: " + summary(prepared.plan);
    take_over(std::move(prepared));
    // Who reads the line, or the answer, finds what it says.
    publish();
    log_.write({LogLevel::info, "reload", text});
    return {true, {text}};
}

http::ReloadResult Service::refuse(ConfigErrors errors) {
    config_status_.last_reload_successful = false;
    publish();
    log_.write({LogLevel::error,
                "reload",
                fmt::format("new configuration rejected, the running one stays: {}{}", errors.front(),
                            errors.size() > 1
                                ? fmt::format("; {} more", checks::count_text(errors.size() - 1, "error"))
                                : ""),
                errors,
                {{"errors", errors}}});
    return {false, std::move(errors)};
}

// ---- process ----

/// On the signals' own thread.
void Service::take_signal(int signal) {
    if (signal == SIGHUP) {
        asio::post(loop_, [this] { reloads_.ask([](const http::ReloadResult&) {}); });
        return;
    }
    // A second one must not put the alarm off.
    if (end_signal_.exchange(signal) == 0) {
        exit_after(max_end, exit_healthy);
    }
    loop_.stop();
}

void Service::say_end() {
    manager_.stopping();
    log_.write({LogLevel::info, "stop",
                fmt::format("whylink stopped by {}", end_signal_ == SIGTERM ? "SIGTERM" : "SIGINT")});
}

std::string Service::status_text() const {
    const std::size_t targets = watcher_.statuses().size();
    std::string text = fmt::format("{} of {} healthy", watcher_.healthy(), targets);
    if (!watcher_.complete()) {
        text += "; first round still running";
    }
    if (!config_status_.last_reload_successful) {
        text += "; last reload rejected, see the log";
    }
    return text;
}

void Service::tick() {
    change_log_.tick(watcher_.statuses(), Clock::now());
    say_overload();
    history_.tick();
    if (std::string text = status_text(); text != shown_status_ && !reloads_.under_way()) {
        manager_.status(text);
        shown_status_ = std::move(text);
    }
    call_after(tick_, tick_period, [this] { tick(); });
}

void Service::feed_watchdog(std::chrono::microseconds period) {
    manager_.feed_watchdog();
    call_after(watchdog_, period, [this, period] { feed_watchdog(period); });
}

int Service::run() {
    const Signals signals([this](int signal) { take_signal(signal); });
    if (const auto fault = http_endpoint_.move_to(daemon_.listen, std::move(first_.access))) {
        log_.write({LogLevel::error, "start", *fault});
        return exit_cannot_listen;
    }
    if (const auto fault = open_capture(first_.wanted.capture, std::move(first_.capture_wish))) {
        log_.write({LogLevel::error, "start", *fault});
        return exit_unknown;
    }
    history_.start(first_.wanted.history, state_directory());
    take_over(std::move(first_));
    publish_again();
    say_start();
    computed_ = computed_by_this_thread();
    beat(Clock::now());
    tick();
    manager_.ready(status_text());
    if (const auto period = manager_.watchdog_period()) {
        feed_watchdog(*period);
    }
    loop_.run();
    history_.end();
    say_end();
    return exit_healthy;
}

/// As `check` says it; under the journal with the priority of an error (sd-daemon(3)).
void say_refused(const ConfigErrors& errors) {
    const std::string_view priority = read_by_journal(STDERR_FILENO) ? SD_ERR : "";
    for (const std::string& error : errors) {
        static_cast<void>(write_all(STDERR_FILENO, fmt::format("{}{}\n", priority, error)));
    }
}

}  // namespace

int run_daemon(const std::string& config_file) {
    hand_back_large_texts();
    // Whoever asks for a reload while the first configuration is read does not mean to end the daemon.
    hold_signals();
    auto outcome = prepare_config(config_file, {});
    if (const auto* errors = std::get_if<ConfigErrors>(&outcome)) {
        say_refused(*errors);
        return exit_usage;
    }
    return Service(config_file, std::move(std::get<PreparedConfig>(outcome))).run();
}

}  // namespace whylink::daemon
