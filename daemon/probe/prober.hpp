// `GET /probe`: probes on demand, for whoever serves HTTP.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "daemon/probe/order.hpp"
#include "daemon/watch/watcher.hpp"

namespace whylink::daemon {

/// Of the event loop's thread.
class OnDemandProber {
  public:
    /// So many are under way at most; whoever comes then is told to come again (503).
    static constexpr unsigned max_concurrent = 32;
    /// Of one client, those that it has left included, so that it does not keep the others from theirs.
    static constexpr unsigned max_of_client = 16;
    /// Descriptors that are kept for them: each asks the resolvers of resolv.conf, three at most, or has a connection; names
    /// with many addresses take more, which is what other probes leave.
    static constexpr std::size_t reserved_files = std::size_t{max_concurrent} * 3;

    struct Hooks {
        /// What the rounds of the present config share; null: nothing is configured yet.
        std::function<std::shared_ptr<Generation>()> generation;
        /// What is configured now.
        std::function<std::vector<config::TargetPtr>()> targets;
        /// A probe ended by an exception: a defect of ours.
        std::function<void(const std::string& target, const std::string& what)> broke;
    };
    using Respond = std::function<void(ProbeAnswer)>;
    /// The client is gone: the answer is not wanted any more. On the loop's thread; any number of times.
    using Cancel = std::function<void()>;

    OnDemandProber(asio::io_context& loop, Hooks hooks, std::string vantage_point);
    OnDemandProber(const OnDemandProber&) = delete;
    OnDemandProber& operator=(const OnDemandProber&) = delete;

    /// What may be probed from now on; probes that are under way keep what they began with.
    void configure(config::OnDemand settings) { settings_ = std::move(settings); }

    /// Calls `respond` once, on the loop's thread: at once with a refusal, else when the probe has ended, which is by
    /// its time-out. Not at all after it was cancelled or the loop has ended.
    Cancel answer(const ProbeRequest& request, Respond respond);

    unsigned under_way() const;

  private:
    struct Running;
    using Counts = std::map<std::string, unsigned>;  ///< by client; none is 0

    /// Why no further probe of the client can begin now, or nothing.
    std::optional<ProbeAnswer> busy(const std::string& client) const;

    asio::io_context& loop_;
    Hooks hooks_;
    std::string vantage_point_;
    config::OnDemand settings_;
    std::shared_ptr<Counts> under_way_ = std::make_shared<Counts>();
};

}  // namespace whylink::daemon
