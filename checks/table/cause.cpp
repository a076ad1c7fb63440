#include "checks/table/cause.hpp"

#include <array>

namespace whylink::checks {

const CauseText& text(Cause cause) {
    return cause_texts()[static_cast<std::size_t>(cause)];
}

std::string_view prefix(config::Provider provider) {
    switch (provider) {
        case config::Provider::aws:
            return "AWS: ";
        case config::Provider::azure:
            return "Azure: ";
        case config::Provider::gcp:
            return "GCP: ";
        case config::Provider::generic:
            return "";
    }
    return "";
}

std::string_view slug(Cause cause) {
    return text(cause).slug;
}

std::string_view slug(Severity severity) {
    constexpr std::array<std::string_view, 3> slugs{"ok", "warning", "critical"};
    return slugs.at(static_cast<std::size_t>(severity));
}

std::string_view slug(Confidence confidence) {
    constexpr std::array<std::string_view, 3> slugs{"low", "medium", "high"};
    return slugs.at(static_cast<std::size_t>(confidence));
}

std::optional<Cause> cause_from_slug(std::string_view slug) {
    for (const CauseText& row : cause_texts()) {
        if (row.slug == slug) {
            return row.cause;
        }
    }
    return std::nullopt;
}

}  // namespace whylink::checks
