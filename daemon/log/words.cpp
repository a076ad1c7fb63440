#include "daemon/log/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <string_view>

namespace whylink::daemon {
namespace {

const std::map<std::string, std::string>& labels_of(const TargetStatus& status) {
    return status.endpoint ? status.endpoint->labels : status.zone->labels;
}

/// "team=payments"
std::vector<std::string> label_texts(const TargetStatus& status) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : labels_of(status))
        texts.push_back(fmt::format("{}={}", name, value));
    return texts;
}

std::vector<std::string> slugs(const std::vector<checks::Cause>& causes) {
    std::vector<std::string> texts;
    for (const checks::Cause cause : causes)
        texts.emplace_back(slug(cause));
    return texts;
}

}  // namespace

std::string subject_text(const TargetStatus& status) {
    return fmt::format("{} {}", word(status.kind()), status.name());
}

std::vector<std::string> detail_lines(const TargetStatus& status) {
    const checks::Diagnosis& diagnosis = status.verdict->diagnosis;
    std::vector<std::string> lines;
    for (const std::string& evidence : diagnosis.evidence)
        lines.push_back("seen: " + evidence);
    if (!diagnosis.alternatives.empty())
        lines.push_back(fmt::format("could also be: {}", fmt::join(slugs(diagnosis.alternatives), ", ")));
    for (std::size_t i = 0; i < diagnosis.remediation.size(); ++i)
        lines.push_back(fmt::format("do: {}. {}", i + 1, diagnosis.remediation[i]));
    if (!labels_of(status).empty())
        lines.push_back(fmt::format("labels: {}", fmt::join(label_texts(status), ", ")));
    return lines;
}

void add_fields(const TargetStatus& status, std::vector<std::pair<std::string_view, Record::Value>>& fields) {
    const checks::Diagnosis& diagnosis = status.verdict->diagnosis;
    fields.emplace_back("kind", std::string(word(status.kind())));
    fields.emplace_back("name", status.name());
    if (!labels_of(status).empty())
        fields.emplace_back("labels", label_texts(status));
    if (status.healthy)
        fields.emplace_back("healthy", *status.healthy);
    fields.emplace_back("cause", std::string(slug(diagnosis.cause)));
    fields.emplace_back("severity", std::string(slug(diagnosis.severity)));
    fields.emplace_back("confidence", std::string(slug(diagnosis.confidence)));
    fields.emplace_back("summary", diagnosis.summary);
    fields.emplace_back("evidence", diagnosis.evidence);
    fields.emplace_back("remediation", diagnosis.remediation);
    fields.emplace_back("alternatives", slugs(diagnosis.alternatives));
}

}  // namespace whylink::daemon
