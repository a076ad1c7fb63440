#include "matrix.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace whylink::confounders {
namespace {

using nlohmann::json;

const std::string introduction = R"(# What looks alike, and what tells it apart

This page lists servers and faults that look alike from outside, and what whylink says of each. Every row is a real server
or a real fault. It is checked twice: with `experiments = false`, and with follow-up tests.

The test `confounders` writes this page and compares it with what the program says now. It holds each row to two rules. Only
the true cause may have high confidence. Otherwise the true cause is the diagnosis, or one of the alternatives in brackets.

`expect` is configured in all rows, so that DNS is in doubt only where DNS is the fault. RST and close() right after accept
are checked too, but not shown: which of them a client sees depends on timing. "By chance" marks a test that ends with RST
in one run and with FIN in another; it shows something only where it ends as the ordinary connection did.

| what is there | true cause | without tests | with tests | what the tests showed |
|---|---|---|---|---|
)";

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : between) + part;
    }
    return text;
}

std::string text_of(const Said& said) {
    std::string text = "`" + said.cause + "`";
    if (said.cause != "healthy") {
        text += ", " + said.confidence;
    }
    std::vector<std::string> others;
    for (const std::string& other : said.alternatives) {
        others.push_back("`" + other + "`");
    }
    return others.empty() ? text : text + " (" + joined(others, ", ") + ")";
}

// "follow-up test SLUG, WHAT WAS DONE (WHERE): HOW IT WENT: WHAT THAT SHOWS"; how it went holds times and
// addresses.
std::string short_evidence(const std::string& line) {
    const std::string begin = "experiment ";
    const std::string slug = line.substr(begin.size(), line.find(',') - begin.size());
    return "`" + slug + "`: " + line.substr(line.rfind(": ") + 2);
}

// Of a follow-up test that ends by chance the page says so, and not what this run saw.
std::string shown(const std::string& evidence, const Confounder& confounder) {
    for (const std::string& slug : confounder.by_chance) {
        const std::string test = "`" + slug + "`: ";
        if (evidence.starts_with(test)) {
            return test + "by chance (RST or FIN)";
        }
    }
    return evidence;
}

std::string all_shown(const Compared& compared) {
    std::vector<std::string> all;
    for (const std::string& evidence : compared.with.experiments) {
        all.push_back(shown(evidence, *compared.confounder));
    }
    return joined(all, "; ");
}

}  // namespace

Said read_report(const lab::Completed& done) {
    Said said;
    const json report = json::parse(done.out, nullptr, false);
    if (report.is_discarded() || report.at("endpoints").size() != 1) {
        said.fault = "no report: " + done.out + done.err;
        return said;
    }
    const json& diagnosis = report.at("endpoints").at(0).at("diagnosis");
    said.cause = diagnosis.at("cause");
    said.confidence = diagnosis.at("confidence");
    said.alternatives = diagnosis.at("alternatives").get<std::vector<std::string>>();
    for (const std::string& line : diagnosis.at("evidence").get<std::vector<std::string>>()) {
        if (!line.starts_with("experiment ")) {
            continue;
        }
        const std::string shown = short_evidence(line);
        if (std::ranges::find(said.experiments, shown) == said.experiments.end()) {
            said.experiments.push_back(shown);
        }
    }
    return said;
}

std::string page(std::span<const Compared> matrix) {
    std::string text = introduction;
    for (const Compared& compared : matrix) {
        const Confounder& confounder = *compared.confounder;
        if (confounder.is_race) {
            continue;
        }
        const std::string without = text_of(compared.without);
        const std::string with = text_of(compared.with);
        text += "| " + confounder.row.why + " | `" + confounder.truth + "` | " + without + " | " +
                (with == without ? "the same" : with) + " | " + all_shown(compared) + " |\n";
    }
    return text;
}

}  // namespace whylink::confounders
