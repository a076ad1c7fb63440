#include "daemon/probe/prober.hpp"

#include <fmt/format.h>

#include <asio/co_spawn.hpp>
#include <exception>
#include <utility>
#include <variant>

#include "daemon/probe/access.hpp"
#include "daemon/probe/page.hpp"
#include "daemon/probe/run_order.hpp"
#include "daemon/system/exception_text.hpp"
#include "probes/loop_time.hpp"

namespace whylink::daemon {

namespace {

ProbeAnswer page_of(const ProbeResult& result, const std::string& vantage_point) {
    const probes::PieceOfWork piece([&result] { return "the page of a probe of " + result.order.target; });
    if (result.order.debug) {
        return {.body = probe_debug_page(result, vantage_point)};
    }
    return {.content_type = probe_page_type, .body = probe_metrics(result)};
}

}  // namespace

/// Outlives the coroutine that refers to it.
struct OnDemandProber::Running {
    Running(ProbeOrder wanted, ProbeAccess may, std::shared_ptr<Generation> shared, Respond answer)
        : order(std::move(wanted)),
          access(std::move(may)),
          generation(std::move(shared)),
          context(generation->context),
          respond(std::move(answer)) {}

    ProbeOrder order;
    ProbeAccess access;
    std::shared_ptr<Generation> generation;
    RoundContext context;
    Respond respond;  ///< empty once the client is gone
    std::function<bool()> is_wanted = [this] { return static_cast<bool>(respond); };

    /// Answers a client that is still there.
    void finish(bool broke, std::variant<ProbeResult, ProbeAnswer> outcome,
                const std::string& vantage_point) {
        if (!respond) {
            return;
        }
        const Respond answer_with = std::exchange(respond, nullptr);
        if (broke) {
            answer_with(refusal(500, "the probe broke off, which is a defect of whylink"));
        } else if (auto* refused = std::get_if<ProbeAnswer>(&outcome)) {
            answer_with(std::move(*refused));
        } else {
            answer_with(page_of(std::get<ProbeResult>(outcome), vantage_point));
        }
    }
};

OnDemandProber::OnDemandProber(asio::io_context& loop, Hooks hooks, std::string vantage_point)
    : loop_(loop), hooks_(std::move(hooks)), vantage_point_(std::move(vantage_point)) {}

unsigned OnDemandProber::under_way() const {
    unsigned sum = 0;
    for (const auto& [client, count] : *under_way_) {
        sum += count;
    }
    return sum;
}

std::optional<ProbeAnswer> OnDemandProber::busy(const std::string& client) const {
    if (under_way() >= max_concurrent) {
        return refusal(503, fmt::format("too many concurrent probes: at most {}", max_concurrent));
    }
    const auto own = under_way_->find(client);
    if (own != under_way_->end() && own->second >= max_of_client) {
        return refusal(503,
                       fmt::format("too many concurrent probes: at most {} of one client", max_of_client));
    }
    return std::nullopt;
}

OnDemandProber::Cancel OnDemandProber::answer(const ProbeRequest& request, Respond respond) {
    auto order = read_order(request);
    if (auto* refused = std::get_if<ProbeAnswer>(&order)) {
        respond(std::move(*refused));
        return [] {};
    }
    std::shared_ptr<Generation> generation = hooks_.generation();
    if (generation == nullptr) {
        respond(refusal(503, "not ready: no configuration is loaded yet"));
        return [] {};
    }
    if (auto refused = busy(request.client)) {
        respond(std::move(*refused));
        return [] {};
    }
    auto running = std::make_shared<Running>(std::get<ProbeOrder>(std::move(order)),
                                             ProbeAccess(settings_.allow, hooks_.targets()),
                                             std::move(generation), std::move(respond));
    ++(*under_way_)[request.client];
    asio::co_spawn(loop_, run_order(running->order, running->access, running->context, running->is_wanted),
                   [running, counts = under_way_, client = request.client, broke = hooks_.broke,
                    vantage_point = vantage_point_](const std::exception_ptr& thrown,
                                                    std::variant<ProbeResult, ProbeAnswer> outcome) {
                       if (--(*counts)[client] == 0) {
                           counts->erase(client);
                       }
                       if (thrown) {
                           broke(running->order.target, exception_text(thrown));
                       }
                       running->finish(thrown != nullptr, std::move(outcome), vantage_point);
                   });
    return [gone = std::weak_ptr<Running>(running)] {
        if (const auto still = gone.lock()) {
            still->respond = nullptr;
        }
    };
}

}  // namespace whylink::daemon
