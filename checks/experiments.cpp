#include "checks/experiments.hpp"

#include <array>

namespace whylink::checks {
namespace {

constexpr std::array<std::string_view, experiment_count> slugs{
    "proxy_v2", "other_name", "small_segments", "plain_text",     "other_port",    "other_address",
    "read_on",  "no_name",    "alias_name",     "other_resolver", "sibling_label", "public_name"};

}  // namespace

std::string_view slug(Experiment experiment) {
    return slugs.at(static_cast<std::size_t>(experiment));
}

std::optional<Experiment> experiment_from_slug(std::string_view slug) {
    for (std::size_t i = 0; i < slugs.size(); ++i) {
        if (slugs[i] == slug)
            return static_cast<Experiment>(i);
    }
    return std::nullopt;
}

std::span<const ExperimentRow> experiment_rows() {
    return {};
}

std::vector<PlannedExperiment> plan_experiments(const config::Endpoint&, const Verdict&, std::string_view) {
    return {};
}

std::vector<std::string> experiment_evidence(std::span<const JudgedProbe>) {
    return {};
}

}  // namespace whylink::checks
