// Any text is read as a profile or refused without a crash; what was read is printed as a text that reads to
// the same, and its patterns are tried on any host.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/host_pattern.hpp"
#include "config/profile_file.hpp"
#include "config/profiles.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace whylink::config;
    const std::string text(data, data + size);
    std::vector<Problem> problems;
    const ProfileDraft draft = read_profile(text, problems);
    static_cast<void>(match_host(draft.profile, text.substr(0, 300)));
    static_cast<void>(match_host(draft.profile, "abcd.westus3.privatelink.azure.clickhouse.cloud"));
    if (!problems.empty()) {
        return 0;
    }
    const std::string printed = profile_toml(draft.profile);
    std::vector<Problem> again;
    if (!(read_profile(printed, again).profile == draft.profile) || !again.empty()) {
        std::fprintf(stderr, "reads to something else:\n%s\n", printed.c_str());
        std::abort();
    }
    return 0;
}
