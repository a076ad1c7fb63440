#include "probes/packets/capture.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "probes/packets/duplicates.hpp"
#include "probes/packets/pcap_handle.hpp"
#include "probes/tcp/socket_options.hpp"

namespace whylink::probes {
namespace {

/// Heavy traffic wakes the loop once in this time, not for each packet.
constexpr auto pause_between_reads = std::chrono::milliseconds(20);
constexpr auto retry_interval = std::chrono::seconds(1);
/// Of one go, after which the loop's other work has its turn.
constexpr int max_in_a_go = 4096;

}  // namespace

/// Shared with the handlers that wait on the loop: these hold it weakly.
struct Capture::Impl : std::enable_shared_from_this<Impl> {
    Impl(const asio::any_io_executor& executor, CaptureSettings chosen, Handlers given, PcapHandle opened)
        : settings(std::move(chosen)),
          handlers(std::move(given)),
          handle(std::move(opened)),
          link(handle->link()),
          readable(executor),
          timer(executor) {}

    std::optional<LocalError> start();
    void watch_handle();
    void wait();
    void woken();
    void read_on();
    void read_after_pause();
    void drain();
    int read(int most);
    void take(const Frame& frame);
    void lose(const std::string& why);
    void try_again();
    bool reopen();
    std::optional<std::string> set_filter(CompiledFilterPtr replacement);
    template <typename Work>
    auto while_open(Work work);

    CaptureSettings settings;
    Handlers handlers;
    std::optional<PcapHandle> handle;  ///< none while the interface is lost
    LinkType link;
    CompiledFilterPtr filter;
    Duplicates duplicates;
    CaptureCounts counts;
    std::uint64_t gaps = 0;
    bool reading = false;
    /// An epoll instance with the handle's descriptor in it, once (EPOLLONESHOT): Asio's own is
    /// edge-triggered and would wake the loop for each packet, waited for or not.
    asio::posix::stream_descriptor readable;
    asio::steady_timer timer;  ///< between two reads; until the next try while the interface is lost
    std::uint64_t era = 0;     ///< handlers of an earlier one have nothing to say any more
};

/// A handler that does its work unless the capture has ended, or was lost or regained, in the meantime.
template <typename Work>
auto Capture::Impl::while_open(Work work) {
    return [weak = weak_from_this(), began = era, work](std::error_code error = {}) {
        const auto self = weak.lock();
        if (self && self->era == began && !error) {
            work(*self);
        }
    };
}

std::optional<LocalError> Capture::Impl::start() {
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        return system_error("epoll_create1", errno);
    }
    std::error_code error;
    readable.assign(epoll, error);
    if (error) {
        close(epoll);
        return LocalError{"epoll_ctl", error.value(), error.message()};
    }
    watch_handle();
    return std::nullopt;
}

void Capture::Impl::watch_handle() {
    epoll_event unarmed{};
    epoll_ctl(readable.native_handle(), EPOLL_CTL_ADD, handle->fd(), &unarmed);
    wait();
}

void Capture::Impl::wait() {
    epoll_event once{};
    once.events = EPOLLIN | EPOLLONESHOT;
    epoll_ctl(readable.native_handle(), EPOLL_CTL_MOD, handle->fd(), &once);
    readable.async_wait(asio::posix::descriptor_base::wait_read,
                        while_open([](Impl& self) { self.woken(); }));
}

void Capture::Impl::woken() {
    epoll_event taken{};
    epoll_wait(readable.native_handle(), &taken, 1, 0);
    read_on();
}

void Capture::Impl::read_on() {
    const int packets = read(max_in_a_go);
    if (!handle) {
        return;
    }
    if (packets == max_in_a_go) {
        asio::post(timer.get_executor(), while_open([](Impl& self) { self.read_on(); }));
        return;
    }
    timer.expires_after(pause_between_reads);
    timer.async_wait(while_open([](Impl& self) { self.read_after_pause(); }));
}

/// While packets come it is the timer that wakes the loop; their readiness besides would cost twice as much.
void Capture::Impl::read_after_pause() {
    const bool quiet = read(max_in_a_go) == 0;
    if (!handle) {
        return;
    }
    if (quiet) {
        wait();
    } else {
        read_on();
    }
}

void Capture::Impl::drain() {
    // More than the ring holds came while we read: enough of it was there before.
    auto left =
        static_cast<std::int64_t>(settings.buffer / static_cast<std::size_t>(settings.snapshot_length)) + 1;
    while (handle && left > 0) {
        const int packets = read(max_in_a_go);
        if (packets < max_in_a_go) {
            return;
        }
        left -= packets;
    }
}

int Capture::Impl::read(int most) {
    if (!handle || reading) {
        return 0;
    }
    struct Mark {
        bool& on;
        explicit Mark(bool& flag) : on(flag) { on = true; }
        ~Mark() { on = false; }
    };
    PcapHandle::Read done;
    {
        const Mark mark(reading);
        done = handle->read(most, [this](const Frame& frame) { take(frame); });
    }
    if (done.error) {
        lose(*done.error);
    }
    return done.packets;
}

void Capture::Impl::take(const Frame& frame) {
    ++counts.packets;
    const auto packet = decode(link, frame);
    if (!packet) {
        return;
    }
    if (duplicates.seen_before(*packet, frame)) {
        ++counts.duplicates;
        return;
    }
    handlers.packet(*packet, frame);
}

void Capture::Impl::lose(const std::string& why) {
    counts.dropped += handle->take_dropped();
    epoll_ctl(readable.native_handle(), EPOLL_CTL_DEL, handle->fd(), nullptr);
    handle.reset();
    ++era;
    ++gaps;
    try_again();
    handlers.lost(why);
}

void Capture::Impl::try_again() {
    timer.expires_after(retry_interval);
    timer.async_wait(while_open([](Impl& self) {
        if (self.reopen()) {
            ++self.era;
            self.watch_handle();
            self.handlers.regained();
        } else {
            self.try_again();
        }
    }));
}

bool Capture::Impl::reopen() {
    auto opened = PcapHandle::open(settings);
    auto* again = std::get_if<PcapHandle>(&opened);
    // Of another link type it is another interface of the same name, which our filter does not fit.
    if (again == nullptr || again->link() != link || (filter && again->set_filter(*filter))) {
        return false;
    }
    handle.emplace(std::move(*again));
    return true;
}

std::optional<std::string> Capture::Impl::set_filter(CompiledFilterPtr replacement) {
    drain();  // what passed the old one
    if (handle) {
        ++gaps;
        if (auto refused = handle->set_filter(*replacement)) {
            return refused;
        }
    }
    filter = std::move(replacement);
    return std::nullopt;
}

std::variant<std::unique_ptr<Capture>, LocalError> Capture::open(const asio::any_io_executor& executor,
                                                                 const CaptureSettings& settings,
                                                                 Handlers handlers) {
    auto opened = PcapHandle::open(settings);
    if (auto* error = std::get_if<LocalError>(&opened)) {
        return std::move(*error);
    }
    auto impl = std::make_shared<Impl>(executor, settings, std::move(handlers),
                                       std::get<PcapHandle>(std::move(opened)));
    if (auto error = impl->start()) {
        return std::move(*error);
    }
    return std::unique_ptr<Capture>(new Capture(std::move(impl)));
}

Capture::Capture(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Capture::~Capture() = default;

LinkType Capture::link() const {
    return impl_->link;
}

const CaptureSettings& Capture::settings() const {
    return impl_->settings;
}

std::optional<std::string> Capture::set_filter(CompiledFilterPtr filter) {
    return impl_->set_filter(std::move(filter));
}

void Capture::drain() {
    impl_->drain();
}

CaptureCounts Capture::counts() {
    if (impl_->handle) {
        impl_->counts.dropped += impl_->handle->take_dropped();
    }
    return impl_->counts;
}

std::uint64_t Capture::gaps() const {
    return impl_->gaps;
}

bool Capture::up() const {
    return impl_->handle.has_value();
}

bool Capture::everywhere() const {
    return impl_->settings.interface == "any";
}

}  // namespace whylink::probes
