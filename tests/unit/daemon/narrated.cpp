#include "narrated.hpp"

namespace whylink::fabricated {
namespace {

checks::Verdict verdict_of(const Look& look) {
    checks::Verdict made = verdict(look.healthy.value_or(false), look.cause, look.severity);
    made.diagnosis.confidence = look.confidence;
    made.facts.insert_if(look.passed, checks::Fact::healthy);
    if (look.cause != checks::Cause::healthy) {
        made.diagnosis.evidence = {"an RST", "another"};
        made.diagnosis.remediation = {"Look.", "Wait."};
        made.diagnosis.alternatives = {checks::Cause::local_firewall, checks::Cause::no_route};
    }
    return made;
}

}  // namespace

daemon::TargetStatusPtr Narrated::put(const std::string& name, const Look& look, daemon::TargetKind kind) {
    auto status = std::make_shared<daemon::TargetStatus>();
    if (kind == daemon::TargetKind::endpoint) {
        auto configured = std::make_shared<config::Endpoint>();
        configured->name = name;
        configured->labels = labels_;
        status->endpoint = std::move(configured);
    } else {
        auto configured = std::make_shared<config::Zone>();
        configured->name = name;
        status->zone = std::move(configured);
    }
    status->verdict = std::make_shared<const checks::Verdict>(verdict_of(look));
    status->healthy = look.healthy;
    status->standing.health_since = noon();
    const auto [known, fresh] = index_.emplace(name, targets_.size());
    if (fresh) {
        targets_.push_back(status);
    } else {
        targets_[known->second] = status;
    }
    return status;
}

}  // namespace whylink::fabricated
