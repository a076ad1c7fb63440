#include "config/own_profiles.hpp"

#include <algorithm>
#include <map>

#include "config/document.hpp"
#include "config/messages.hpp"
#include "config/nearest.hpp"
#include "config/profile_file.hpp"

namespace whylink::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_files = 1'000;

/// One file, and how far its profile has come.
struct ProfileFile {
    std::string name;
    ProfileDraft draft;
    std::vector<Problem> problems;
    enum class State { read, in_hand, done } state = State::read;
    std::shared_ptr<const Profile> profile;
};

class OwnLoader {
  public:
    OwnLoader(const fs::path& directory, const Files& files)
        : directory_(directory / "profiles.d"), files_(files) {}

    OwnProfiles load() {
        read_files();
        check_names();
        for (ProfileFile& file : read_) {
            complete(file);
        }
        return finish();
    }

  private:
    void refuse(std::string what) { refused_.push_back({directory_.string(), 1, 1, std::move(what)}); }

    void read_files() {
        if (const auto fault = files_.list_fault(directory_)) {
            return refuse("cannot read this directory: " + fault->why);
        }
        std::vector<std::string> names = files_.list(directory_, max_files + 1);
        if (names.size() > max_files) {
            return refuse("more than 1000 files in this directory; remove some");
        }
        std::ranges::sort(names);
        for (const std::string& name : names) {
            if (!name.starts_with('.') && name.ends_with(".toml")) {
                read_file((directory_ / name).string());
            }
        }
    }

    void read_file(std::string name) {
        ProfileFile& file = read_.emplace_back();
        file.name = std::move(name);
        const auto text = files_.read(file.name);
        if (const auto* fault = std::get_if<FileFault>(&text)) {
            file.problems.push_back({{}, "cannot read this file: " + fault->why});
        } else {
            file.draft = read_profile(std::get<std::string>(text), file.problems);
        }
    }

    void check_names() {
        for (ProfileFile& file : read_) {
            const std::string& name = file.draft.profile.name;
            if (name.empty()) {
                continue;
            }
            if (find_profile(name) != nullptr) {
                file.problems.push_back(
                    {file.draft.name_at,
                     "name: " + toml_string(name) +
                         " is a built-in profile; choose another name, and build on it with `extends`"});
                continue;
            }
            const auto [first, is_first] = by_name_.emplace(name, &file);
            if (!is_first) {
                file.problems.push_back(
                    {file.draft.name_at, "name: " + toml_string(name) + " is already used at " +
                                             place_text(first->second->name, first->second->draft.name_at) +
                                             "; choose another name"});
            }
        }
    }

    /// Bases first; a profile that is met while it is in hand extends itself.
    void complete(ProfileFile& file) {
        file.state = ProfileFile::State::in_hand;
        const std::string& wanted = file.draft.profile.extends;
        if (const Profile* builtin = find_profile(wanted)) {
            inherit(file.draft, *builtin);
        } else if (!wanted.empty()) {
            extend(file, wanted);
        }
        file.state = ProfileFile::State::done;
        file.profile = std::make_shared<const Profile>(file.draft.profile);
    }

    void extend(ProfileFile& file, const std::string& wanted) {
        const auto found = by_name_.find(wanted);
        if (found == by_name_.end()) {
            return unknown_base(file, wanted);
        }
        ProfileFile& base = *found->second;
        if (base.state == ProfileFile::State::read) {
            complete(base);
        }
        if (base.state == ProfileFile::State::in_hand) {
            file.problems.push_back(
                {file.draft.extends_at,
                 "extends: " + toml_string(wanted) + " leads back to this profile; extend another one"});
            return;
        }
        inherit(file.draft, *base.profile);
        file.draft.profile.base = {base.profile};
    }

    void unknown_base(ProfileFile& file, const std::string& wanted) {
        std::vector<std::string_view> known = profile_names();
        for (const auto& [name, other] : by_name_) {
            known.push_back(name);
        }
        file.problems.push_back(
            {file.draft.extends_at, "extends: " + toml_string(wanted) + " is not a profile; " +
                                        did_you_mean(wanted, known, "`whylink profiles` lists them")});
    }

    OwnProfiles finish() {
        OwnProfiles result;
        result.errors = std::move(refused_);
        for (ProfileFile& file : read_) {
            append_errors(result.errors, file.name, file.problems);
            const auto known = by_name_.find(file.profile->name);
            if (known != by_name_.end() && known->second == &file) {
                result.profiles.push_back({file.profile});
            }
        }
        return result;
    }

    fs::path directory_;
    const Files& files_;
    std::vector<Error> refused_;
    std::vector<ProfileFile> read_;
    std::map<std::string, ProfileFile*, std::less<>> by_name_;
};

}  // namespace

OwnProfiles load_own_profiles(const fs::path& directory, const Files& files) {
    return OwnLoader(directory, files).load();
}

}  // namespace whylink::config
