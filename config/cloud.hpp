// The clouds that hosts run in, and whose private links they are when a target's profile says no more.
#pragma once

#include <cstdint>

#include "config/vocabulary.hpp"

namespace whylink::config {

enum class Cloud : std::uint8_t {
    aws,
    azure,
    gcp,
    other,  ///< none of these: another cloud, a private one, one's own hardware
};

/// The slugs are those of reports (`host.cloud`) and records.
consteval auto vocabulary(Cloud) {
    using enum Cloud;
    return terms<Cloud>(
        {{aws, "aws", "AWS"}, {azure, "azure", "Azure"}, {gcp, "gcp", "GCP"}, {other, "other"}});
}

}  // namespace whylink::config
