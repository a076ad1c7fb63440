#include "config/host_pattern.hpp"

#include <algorithm>
#include <set>

#include "config/dns_name.hpp"

namespace whylink::config {
namespace {

using Labels = std::vector<std::string_view>;
using Values = std::map<std::string, std::string>;

/// A label of a pattern: `before`{`name`}`after`, or all literal in `before`.
struct Part {
    std::string_view before;
    std::string_view name;
    std::string_view after;
    bool many = false;
};

Part part_of(std::string_view label) {
    const std::size_t open = label.find('{');
    const std::size_t close = label.find('}');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return {label, {}, {}, false};
    }
    Part part{label.substr(0, open), label.substr(open + 1, close - open - 1), label.substr(close + 1),
              false};
    part.many = part.name.ends_with('*');
    if (part.many) {
        part.name.remove_suffix(1);
    }
    return part;
}

/// What stands in place of the name; nothing when the label does not fit.
std::optional<std::string_view> fitted(const Part& part, std::string_view label) {
    if (part.name.empty()) {
        return label == part.before ? std::optional(std::string_view{}) : std::nullopt;
    }
    const std::size_t literal = part.before.size() + part.after.size();
    if (label.size() <= literal || !label.starts_with(part.before) || !label.ends_with(part.after)) {
        return std::nullopt;
    }
    return label.substr(part.before.size(), label.size() - literal);
}

/// A pattern with many {name*} fits a host in very many ways. Whether what is left of one fits what is left
/// of the other does not depend on how either came to be left, so what has failed once is not tried again: no
/// more steps than there are pairs of these.
class Matcher {
  public:
    Matcher(const Labels& pattern, const Labels& labels)
        : pattern_(pattern), labels_(labels), failed_((pattern.size() + 1) * (labels.size() + 1)) {}

    std::optional<Values> run() { return rest_fits(0, 0) ? std::optional(std::move(values_)) : std::nullopt; }

  private:
    bool rest_fits(std::size_t part, std::size_t label) {
        if (part == pattern_.size() || labels_.size() - label < pattern_.size() - part) {
            return part == pattern_.size() && label == labels_.size();
        }
        const std::size_t pair = part * (labels_.size() + 1) + label;
        if (!failed_[pair]) {
            failed_[pair] = !part_fits(part, label);
        }
        return !failed_[pair];
    }

    bool part_fits(std::size_t at, std::size_t label) {
        const Part part = part_of(pattern_[at]);
        if (part.many) {
            return many_fit(part, at, label);
        }
        const auto value = fitted(part, labels_[label]);
        if (!value || !rest_fits(at + 1, label + 1)) {
            return false;
        }
        if (!part.name.empty()) {
            values_[std::string(part.name)] = std::string(*value);
        }
        return true;
    }

    /// The fewest labels first.
    bool many_fit(const Part& part, std::size_t at, std::size_t first) {
        for (std::size_t end = first + 1; end <= labels_.size(); ++end) {
            if (rest_fits(at + 1, end)) {
                values_[std::string(part.name)] = joined(first, end);
                return true;
            }
        }
        return false;
    }

    std::string joined(std::size_t first, std::size_t end) const {
        std::string name(labels_[first]);
        for (std::size_t i = first + 1; i < end; ++i) {
            name += "." + std::string(labels_[i]);
        }
        return name;
    }

    const Labels& pattern_;
    const Labels& labels_;
    std::vector<bool> failed_;
    Values values_;
};

std::optional<Values> match(std::string_view pattern, std::string_view host) {
    const Labels parts = labels_of(pattern);
    const Labels labels = labels_of(host);
    return Matcher(parts, labels).run();
}

/// Empty when the pattern that fitted has not all of the names.
std::string made_of(std::string_view text, const Values& values) {
    std::string result;
    for (const std::string_view label : labels_of(text)) {
        const Part part = part_of(label);
        const auto value = values.find(std::string(part.name));
        if (!part.name.empty() && value == values.end()) {
            return {};
        }
        result += (result.empty() ? "" : ".") + std::string(part.before) +
                  (part.name.empty() ? "" : value->second) + std::string(part.after);
    }
    return result;
}

std::size_t literal_size(std::string_view pattern) {
    std::size_t size = 0;
    for (const std::string_view label : labels_of(pattern)) {
        const Part part = part_of(label);
        size += part.before.size() + part.after.size();
    }
    return size;
}

/// A pattern of a profile that fits a host.
struct Fit {
    std::size_t literal = 0;  ///< characters
    Values values;
};

/// The one with the most literal characters; of those alike the first.
std::optional<Fit> closest_fit(const Profile& profile, std::string_view host) {
    const std::string name = canonical_name(host);
    std::optional<Fit> best;
    for (const std::string& pattern : profile.hosts) {
        const std::size_t literal = literal_size(pattern);
        if (best && literal <= best->literal) {
            continue;
        }
        if (auto values = match(pattern, name)) {
            best = Fit{literal, std::move(*values)};
        }
    }
    return best;
}

Fault label_fault(std::string_view label) {
    const Part part = part_of(label);
    const auto good = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    const bool braces =
        (std::string(part.before) + std::string(part.after)).find_first_of("{}*") != std::string::npos;
    if (braces || (label.find('{') != std::string_view::npos && part.name.empty())) {
        return "a label takes at most one placeholder, {name} or {name*}";
    }
    if (!std::ranges::all_of(part.name, good)) {
        return "a placeholder takes only lower-case letters and underscores";
    }
    if (part.many && !(part.before.empty() && part.after.empty())) {
        return "{name*} must be a whole label";
    }
    const std::string sample =
        std::string(part.before) + (part.name.empty() ? "" : "x") + std::string(part.after) + ".x";
    return host_name_fault(sample);
}

}  // namespace

std::vector<std::string> pattern_names(std::string_view pattern) {
    std::vector<std::string> names;
    for (const std::string_view label : labels_of(pattern)) {
        if (const Part part = part_of(label); !part.name.empty()) {
            names.emplace_back(part.name);
        }
    }
    return names;
}

Fault pattern_fault(std::string_view pattern) {
    if (pattern.size() > 253) {
        return "it is longer than a host name";
    }
    if (literal_size(pattern) == 0) {
        return "it matches every name";
    }
    for (const std::string_view label : labels_of(pattern)) {
        if (label.empty()) {
            return "it has an empty label";
        }
        if (auto fault = label_fault(label)) {
            return fault;
        }
    }
    const auto names = pattern_names(pattern);
    if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
        return "a placeholder is used twice";
    }
    return std::nullopt;
}

std::optional<HostMatch> match_host(const Profile& profile, std::string_view host) {
    auto fit = closest_fit(profile, host);
    if (!fit) {
        return std::nullopt;
    }
    HostMatch found{{}, made_of(profile.zone, fit->values), made_of(profile.public_host, fit->values)};
    found.labels = std::move(fit->values);
    return found;
}

bool is_public_host(const Profile& profile, std::string_view host) {
    return !profile.public_host.empty() && match(profile.public_host, canonical_name(host)) &&
           !match_host(profile, host);
}

std::size_t closeness(const Profile& profile, std::string_view host) {
    const auto fit = closest_fit(profile, host);
    return fit ? fit->literal : 0;
}

}  // namespace whylink::config
