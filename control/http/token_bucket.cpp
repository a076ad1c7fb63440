#include "control/http/token_bucket.hpp"

#include <algorithm>

namespace whylink::control {

Pace pace_of(Api api) {
    switch (api) {
        // EC2 gives 100 at once and 20 in a second for reads with filters, ELB less; Terraform takes most of them.
        case Api::ec2:
            return {20, 4};
        case Api::elb:
            return {10, 2};
        // 5 in a second and account, for all that anybody does.
        case Api::route53:
            return {3, 1};
        case Api::sts:
            return {3, 0.5};
        // 250 at once and 25 in a second of a subscription.
        case Api::arm:
            return {40, 4};
        case Api::entra:
            return {3, 0.2};
        // 10 in 10 s and key.
        case Api::clickhouse:
            return {4, 0.3};
        case Api::aws_metadata:
        case Api::aws_container:
        case Api::azure_metadata:
        case Api::azure_identity:
            return {20, 2};
    }
    return {};
}

std::optional<TokenBucket::Clock::time_point> TokenBucket::take(Clock::time_point now,
                                                                Clock::time_point until) {
    using Seconds = std::chrono::duration<double>;
    if (now > at_) {
        tokens_ = std::min(pace_.burst, tokens_ + Seconds(now - at_).count() * pace_.per_second);
        at_ = now;
    }
    Clock::time_point may = std::max(now, closed_until_);
    if (tokens_ < 1) {
        const Seconds wait((1 - tokens_) / pace_.per_second);
        may = std::max(may, now + std::chrono::duration_cast<Clock::duration>(wait));
    }
    if (may > until) {
        return std::nullopt;
    }
    tokens_ -= 1;
    return may;
}

void TokenBucket::close_until(Clock::time_point until) {
    closed_until_ = std::max(closed_until_, until);
}

}  // namespace whylink::control
