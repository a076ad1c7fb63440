#include "checks/texts/faults.hpp"

#include <algorithm>

#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"

namespace whylink::checks {
namespace {

CauseSet causes_in(const std::string& place, const std::vector<std::string>& slugs) {
    CauseSet causes;
    for (const std::string& slug : slugs) {
        const auto cause = from_slug<Cause>(slug);
        if (!cause) {
            refuse_text(place, "no cause is " + slug);
        }
        causes.insert(*cause);
    }
    return causes;
}

FaultText read_fault(const std::string& place, const config::Member& member) {
    const auto* values = std::get_if<config::Table>(&member.value.data);
    if (values == nullptr) {
        refuse_text(place, "is no table");
    }
    TextTable table(place, *values);
    FaultText fault{member.key, causes_in(place, table.list("causes")), table.flag("complete"),
                    table.list("steps"), table.flag("alone")};
    table.end();
    if (fault.causes.empty() || fault.steps.empty()) {
        refuse_text(place, "wants causes and steps");
    }
    return fault;
}

}  // namespace

std::vector<FaultText> read_fault_texts(const config::EmbeddedToml& file) {
    std::vector<FaultText> faults;
    for (const config::Member& member : parse_texts(file)) {
        faults.push_back(read_fault(std::string(file.name) + ".toml, " + member.key, member));
    }
    return faults;
}

std::span<const FaultText> fault_texts() {
    static const std::vector<FaultText> texts = read_fault_texts(text_file("faults"));
    return texts;
}

const FaultText* fault_text(std::string_view key) {
    const auto texts = fault_texts();
    const auto found = std::ranges::find(texts, key, &FaultText::key);
    return found == texts.end() ? nullptr : &*found;
}

const FaultText* fault_text(std::string_view key, Cause cause) {
    const FaultText* fault = fault_text(key);
    return fault != nullptr && fault->causes.contains(cause) ? fault : nullptr;
}

}  // namespace whylink::checks
