#include "probes/host/identity.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "probes/host/proc_file.hpp"

namespace whylink::probes {
namespace {

namespace fs = std::filesystem;
using config::Cloud;

constexpr std::size_t max_value = 256;
// A line for each hierarchy of cgroup v1.
constexpr std::size_t max_cgroups = 4096;

constexpr std::string_view azure_chassis = "7783-7084-3265-9085-8269-3286-77";

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

/// The first line without blanks at its ends, up to what is no printable ASCII.
std::string value_of(const fs::path& file) {
    std::string text = read_proc_file(file.c_str(), max_value);
    text.erase(std::ranges::find_if_not(text, is_printable), text.end());
    text.erase(text.find_last_not_of(' ') + 1);
    text.erase(0, text.find_first_not_of(' '));
    return text;
}

std::string small_letters(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

class Dmi {
  public:
    explicit Dmi(const fs::path& root) : directory_(root / "sys/class/dmi/id") {}
    std::string operator[](const char* name) const { return value_of(directory_ / name); }

  private:
    fs::path directory_;
};

constexpr std::array vendors{"sys_vendor", "board_vendor", "bios_vendor"};

bool is_azure(const Dmi& dmi) {
    return dmi["chassis_asset_tag"] == azure_chassis;
}

bool is_aws(const Dmi& dmi, const fs::path& root) {
    constexpr std::string_view uuid_begin = "ec2";
    const auto is_amazon = [&dmi](const char* vendor) { return dmi[vendor] == "Amazon EC2"; };
    if (std::ranges::any_of(vendors, is_amazon) || small_letters(dmi["bios_version"]).ends_with(".amazon") ||
        small_letters(value_of(root / "sys/hypervisor/uuid")).starts_with(uuid_begin)) {
        return true;
    }
    const std::string uuid = small_letters(dmi["product_uuid"]);
    return uuid.starts_with(uuid_begin) && uuid == small_letters(dmi["product_serial"]);
}

bool is_gcp(const Dmi& dmi) {
    return dmi["product_name"] == "Google Compute Engine" ||
           dmi["product_serial"].starts_with("GoogleCloud-");
}

bool says_anything(const Dmi& dmi) {
    return !dmi["product_name"].empty() ||
           std::ranges::any_of(vendors, [&dmi](const char* vendor) { return !dmi[vendor].empty(); });
}

bool is_there(const fs::path& file) {
    std::error_code error;
    return fs::exists(file, error);
}

bool has_cgroup_of_container(const fs::path& root) {
    constexpr std::array<std::string_view, 6> managers{"/docker/", "/kubepods", "/libpod-",
                                                       "/crio-",   "/lxc/",     "/lxc.payload"};
    const std::string cgroups = read_proc_file((root / "proc/self/cgroup").c_str(), max_cgroups);
    return std::ranges::any_of(managers, [&cgroups](std::string_view manager) {
        return cgroups.find(manager) != std::string::npos;
    });
}

}  // namespace

std::optional<Cloud> cloud_of(const IdentitySources& sources) {
    const Dmi dmi(sources.root);
    if (is_azure(dmi)) {
        return Cloud::azure;
    }
    if (is_aws(dmi, sources.root)) {
        return Cloud::aws;
    }
    if (is_gcp(dmi)) {
        return Cloud::gcp;
    }
    return says_anything(dmi) ? std::optional(Cloud::other) : std::nullopt;
}

bool in_container(const IdentitySources& sources) {
    constexpr std::array markers{".dockerenv", "run/.containerenv", "run/systemd/container",
                                 "run/host/container-manager"};
    return sources.kubernetes || has_cgroup_of_container(sources.root) ||
           std::ranges::any_of(markers, [&](const char* marker) { return is_there(sources.root / marker); });
}

HostIdentity host_identity() {
    IdentitySources sources;
    sources.kubernetes = std::getenv("KUBERNETES_SERVICE_HOST") != nullptr;
    utsname system{};
    return {cloud_of(sources), uname(&system) == 0 ? system.release : "", in_container(sources)};
}

}  // namespace whylink::probes
