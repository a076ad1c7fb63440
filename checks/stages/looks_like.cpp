#include "checks/stages/looks_like.hpp"

#include <fmt/core.h>

#include "checks/explain/text.hpp"

namespace whylink::checks {

std::string_view looks_like(std::string_view first_bytes) {
    return config::app_by_first_bytes(first_bytes);
}

std::string_view first_bytes_of(const JudgedProbe& probe) {
    if (const auto* app = probe.app()) {
        return app->first_bytes;
    }
    if (const auto* tls = probe.tls()) {
        return tls->first_bytes;
    }
    const auto* tcp = probe.tcp();
    return tcp == nullptr ? std::string_view() : tcp->first_bytes;
}

std::string_view looks_like(const JudgedProbe& probe) {
    return looks_like(first_bytes_of(probe));
}

std::string other_protocol_text(std::string_view expected, std::string_view first_bytes) {
    const std::string_view guess = looks_like(first_bytes);
    return fmt::format("not {}: first bytes {}{}{}", expected, bytes_text(first_bytes),
                       guess.empty() ? "" : ", looks like ", guess);
}

}  // namespace whylink::checks
