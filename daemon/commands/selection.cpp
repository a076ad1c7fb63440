#include "daemon/commands/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "config/dns_name.hpp"
#include "config/nearest.hpp"

namespace whylink::daemon {
namespace {

using Targets = std::vector<config::TargetPtr>;
using Label = std::pair<std::string, std::string>;

std::string hint_of(const std::string& text, const std::set<std::string_view>& known) {
    const std::vector<std::string_view> words(known.begin(), known.end());
    return config::name_hint(text, words);
}

std::string unknown_name(const config::Config& config, const std::string& name) {
    std::vector<std::string_view> known;
    for (const config::TargetPtr& target : config.targets) {
        known.push_back(target->name());
    }
    std::string hint = config::name_hint(name, known);
    if (hint.empty() && !known.empty()) {
        hint = fmt::format("; `whylink config show` lists all {}", known.size());
    }
    return fmt::format("no endpoint, zone or watch is named \"{}\"{}", name, hint);
}

std::variant<Targets, std::string> named(const config::Config& config,
                                         const std::vector<std::string>& names) {
    Targets chosen;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(config.targets, name,
                                             [](const config::TargetPtr& target) { return target->name(); });
        if (found == config.targets.end()) {
            return unknown_name(config, name);
        }
        if (std::ranges::find(chosen, *found) == chosen.end()) {
            chosen.push_back(*found);
        }
    }
    std::ranges::stable_sort(chosen, {}, [](const config::TargetPtr& target) { return target->kind(); });
    return chosen;
}

Targets enabled(const config::Config& config) {
    Targets chosen;
    std::ranges::copy_if(config.targets, std::back_inserter(chosen),
                         [](const config::TargetPtr& target) { return target->head().enabled; });
    return chosen;
}

// ---- labels ----

std::optional<Label> parse_label(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
        return std::nullopt;
    }
    return Label{text.substr(0, equals), text.substr(equals + 1)};
}

bool has_label(const config::TargetPtr& target, const Label& label) {
    const auto found = target->head().labels.find(label.first);
    return found != target->head().labels.end() && found->second == label.second;
}

/// Of all targets of the config, and so not of whether the label fits the others that were given.
Fault unknown_label(const config::Config& config, const Label& label) {
    std::set<std::string_view> keys;
    std::set<std::string_view> values;
    for (const config::TargetPtr& target : config.targets) {
        for (const auto& [key, value] : target->head().labels) {
            keys.insert(key);
            if (key == label.first) {
                values.insert(value);
            }
        }
    }
    if (values.contains(label.second)) {
        return std::nullopt;
    }
    if (values.empty()) {
        return fmt::format("--label: no target has a label \"{}\"{}", label.first,
                           hint_of(label.first, keys));
    }
    return fmt::format("--label: no target has {} = \"{}\"{}", label.first, label.second,
                       hint_of(label.second, values));
}

/// Takes the targets out that have not all of the labels.
Fault keep_labelled(const config::Config& config, const std::vector<std::string>& labels, Targets& chosen) {
    for (const std::string& text : labels) {
        const std::optional<Label> label = parse_label(text);
        if (!label) {
            return fmt::format("--label: \"{}\" is not valid; use KEY=VALUE, such as team=data", text);
        }
        if (Fault fault = unknown_label(config, *label)) {
            return fault;
        }
        std::erase_if(chosen,
                      [&label](const config::TargetPtr& target) { return !has_label(target, *label); });
    }
    if (!labels.empty() && chosen.empty()) {
        return "--label: no selected target has all of these labels; use fewer labels or other names";
    }
    return std::nullopt;
}

}  // namespace

std::variant<Targets, std::string> select(const config::Config& config, const std::vector<std::string>& names,
                                          const std::vector<std::string>& labels) {
    std::variant<Targets, std::string> chosen = enabled(config);
    if (!names.empty()) {
        chosen = named(config, names);
    }
    if (auto* targets = std::get_if<Targets>(&chosen)) {
        if (Fault fault = keep_labelled(config, labels, *targets)) {
            return *std::move(fault);
        }
    }
    return chosen;
}

}  // namespace whylink::daemon
