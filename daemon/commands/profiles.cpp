#include "daemon/commands/profiles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/profile_file.hpp"
#include "daemon/report/human/canvas.hpp"

namespace whylink::daemon {
namespace {

using config::Profile;

// `extends` of the user's may go far.
constexpr int max_profiles = 16;

std::vector<std::string_view> names_of(const std::vector<const Profile*>& all) {
    std::vector<std::string_view> names;
    names.reserve(all.size());
    for (const Profile* profile : all) {
        names.push_back(profile->name);
    }
    return names;
}

/// The profile itself first.
std::vector<const Profile*> with_bases(const Profile& profile) {
    std::vector<const Profile*> chain;
    for (const Profile* next = &profile; next != nullptr && chain.size() < max_profiles;
         next = config::base_of(*next)) {
        chain.push_back(next);
    }
    return chain;
}

void write_setting(Canvas& canvas, std::string_view key, std::string_view value) {
    if (value.empty()) {
        return;
    }
    canvas.hang(spaces(2) + canvas.cell(key, 16, Ink::bold), value);
}

void write_items(Canvas& canvas, const std::vector<std::string>& items) {
    for (const std::string& item : items) {
        canvas.hang({"  - ", 4}, item);
    }
}

std::string ports_text(const Profile& profile) {
    std::vector<std::string> texts;
    for (const std::uint16_t port : profile.ports) {
        const config::App app = config::app_at(profile, port);
        texts.push_back(app == profile.app ? std::to_string(port) : fmt::format("{} ({})", port, slug(app)));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
}

void write_settings(Canvas& canvas, const Profile& profile) {
    canvas.heading("What it sets");
    write_setting(canvas, "extends", profile.extends);
    write_setting(canvas, "port",
                  profile.ports.empty() ? "not set: set it in the endpoint" : ports_text(profile));
    write_setting(canvas, "tls", profile.tls ? "true" : "false");
    write_setting(canvas, "app", slug(profile.app));
    write_setting(canvas, "allow-list",
                  profile.has_allow_list ? "the service resets endpoints that are not on it" : "none known");
    write_setting(canvas, "host names", fmt::format("{}", fmt::join(profile.hosts, "  ")));
    write_setting(canvas, "public name", profile.public_host);
    write_setting(canvas, "zone", profile.zone);
    write_setting(canvas, "endpoint_id", profile.endpoint_id);
    write_setting(canvas, "service", profile.service);
}

void write_looks(Canvas& canvas, const Profile& profile) {
    if (profile.looks.empty()) {
        return;
    }
    canvas.heading("What each state looks like");
    for (const std::string_view look : config::look_words) {
        const auto found = profile.looks.find(std::string(look));
        if (found != profile.looks.end()) {
            write_setting(canvas, found->first, found->second);
        }
    }
}

void write_limits(Canvas& canvas, const Profile& profile) {
    std::vector<std::string> limits;
    for (const Profile* one : with_bases(profile)) {
        limits.insert(limits.end(), one->limits.begin(), one->limits.end());
    }
    if (limits.empty()) {
        return;
    }
    canvas.heading("Known limits");
    write_items(canvas, limits);
}

std::string_view side_text(config::Side side) {
    switch (side) {
        case config::Side::consumer:
            return ", at the endpoint";
        case config::Side::provider:
            return ", at the service";
        case config::Side::either:
            break;
    }
    return "";
}

void write_remedies(Canvas& canvas, const Profile& profile) {
    if (profile.remedies.empty()) {
        return;
    }
    canvas.heading("What to do");
    for (const config::Remedy& remedy : profile.remedies) {
        canvas.line(spaces(2) + canvas.paint(remedy.cause, Ink::bold) +
                    canvas.paint(side_text(remedy.side), Ink::dim));
        canvas.steps(remedy.steps, 3);
    }
}

}  // namespace

std::vector<const Profile*> known_profiles(std::span<const config::OwnProfile> own) {
    std::vector<const Profile*> all;
    for (const Profile& profile : config::profiles()) {
        all.push_back(&profile);
    }
    for (const config::OwnProfile& one : own) {
        all.push_back(one.profile.get());
    }
    return all;
}

std::string list_profiles(std::span<const config::OwnProfile> own, const HumanStyle& style) {
    const auto all = known_profiles(own);
    const std::size_t longest = std::ranges::max(names_of(all), {}, &std::string_view::size).size();
    Canvas canvas(style);
    for (const Profile* profile : all) {
        canvas.hang(canvas.cell(profile->name, longest, Ink::bold) + spaces(2), profile->title);
    }
    canvas.line();
    canvas.hang({}, "Run `whylink profiles NAME` to show what a profile sets.");
    return canvas.take();
}

std::string show_profile(const Profile& profile, const HumanStyle& style) {
    Canvas canvas(style);
    canvas.line(canvas.paint(profile.name, Ink::bold) +
                canvas.paint(fmt::format(" ({})", profile.title), Ink::dim));
    write_settings(canvas, profile);
    write_looks(canvas, profile);
    write_limits(canvas, profile);
    write_remedies(canvas, profile);
    if (const Profile* base = config::base_of(profile)) {
        canvas.line();
        canvas.hang({}, fmt::format("The steps of {} come next: `whylink profiles {}` shows them.",
                                    base->name, base->name));
    }
    if (!profile.sources.empty()) {
        canvas.heading("Sources");
        write_items(canvas, profile.sources);
    }
    return canvas.take();
}

std::string profile_file(const Profile& profile) {
    return "# Change the name before you put this file into profiles.d.\n" + config::profile_toml(profile);
}

std::vector<std::string_view> profile_names(std::span<const config::OwnProfile> own) {
    return names_of(known_profiles(own));
}

std::string profiles_with_steps(Cause cause) {
    std::vector<std::string_view> names;
    for (const Profile& profile : config::profiles()) {
        if (std::ranges::find(profile.remedies, slug(cause), &config::Remedy::cause) !=
            profile.remedies.end()) {
            names.push_back(profile.name);
        }
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace whylink::daemon
