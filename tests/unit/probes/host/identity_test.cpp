#include "probes/host/identity.hpp"

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

namespace whylink::probes {
namespace {

namespace fs = std::filesystem;
using config::Cloud;

constexpr const char* azure_tag = "7783-7084-3265-9085-8269-3286-77\n";

/// A root of its own; files are written by their paths on a host.
class Root {
  public:
    Root() {
        std::string name = (fs::temp_directory_path() / "whylink-identity-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        sources.root = name;
    }
    ~Root() { fs::remove_all(sources.root); }
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;

    void write(const std::string& file, std::string_view text) const {
        const fs::path path = sources.root / file;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
    }
    void dmi(const std::string& name, std::string_view text) const {
        write("sys/class/dmi/id/" + name, text);
    }

    IdentitySources sources;
};

struct CloudRow {
    const char* title;
    std::map<std::string, std::string> dmi;
    std::optional<Cloud> cloud;
};

void PrintTo(const CloudRow& row, std::ostream* out) {
    *out << row.title;
}

class CloudByDmi : public testing::TestWithParam<CloudRow> {};

TEST_P(CloudByDmi, IsTheFirstThatFits) {
    const Root root;
    for (const auto& [name, text] : GetParam().dmi) {
        root.dmi(name, text);
    }
    EXPECT_EQ(cloud_of(root.sources), GetParam().cloud);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CloudByDmi,
    testing::Values(
        CloudRow{"AWS Nitro",
                 {{"sys_vendor", "Amazon EC2\n"},
                  {"product_name", "m5.large\n"},
                  {"board_vendor", "Amazon EC2\n"},
                  {"bios_vendor", "Amazon EC2\n"},
                  {"bios_version", "1.0\n"}},
                 Cloud::aws},
        CloudRow{"AWS where only the board says so", {{"board_vendor", "Amazon EC2\n"}}, Cloud::aws},
        CloudRow{"AWS Xen",
                 {{"sys_vendor", "Xen\n"}, {"product_name", "HVM domU\n"}, {"bios_version", "4.11.amazon\n"}},
                 Cloud::aws},
        CloudRow{"AWS by its UUID, with the serial number",
                 {{"sys_vendor", "Xen\n"},
                  {"product_uuid", "EC2AE145-D1DC-13B2-94ED-012345ABCDEF\n"},
                  {"product_serial", "ec2ae145-d1dc-13b2-94ed-012345abcdef\n"}},
                 Cloud::aws},
        CloudRow{"another host whose UUID begins so by chance",
                 {{"sys_vendor", "QEMU\n"},
                  {"product_uuid", "ec2ae145-d1dc-13b2-94ed-012345abcdef\n"},
                  {"product_serial", "\n"}},
                 Cloud::other},
        CloudRow{"Azure",
                 {{"sys_vendor", "Microsoft Corporation\n"},
                  {"product_name", "Virtual Machine\n"},
                  {"chassis_asset_tag", azure_tag}},
                 Cloud::azure},
        CloudRow{"Hyper-V elsewhere",
                 {{"sys_vendor", "Microsoft Corporation\n"},
                  {"product_name", "Virtual Machine\n"},
                  {"chassis_asset_tag", "2831-4616-2453-7629-0102-1124-52\n"}},
                 Cloud::other},
        CloudRow{
            "GCP", {{"sys_vendor", "Google\n"}, {"product_name", "Google Compute Engine\n"}}, Cloud::gcp},
        CloudRow{"GCP by its serial number",
                 {{"sys_vendor", "Google\n"},
                  {"product_name", "Google\n"},
                  {"product_serial", "GoogleCloud-808A9ACA519E93147E70C3753FB65C86\n"}},
                 Cloud::gcp},
        CloudRow{"a Chromebook", {{"sys_vendor", "Google\n"}, {"product_name", "Eve\n"}}, Cloud::other},
        CloudRow{"KVM",
                 {{"sys_vendor", "QEMU\n"}, {"product_name", "Standard PC (Q35 + ICH9, 2009)\n"}},
                 Cloud::other},
        CloudRow{"a host without DMI", {}, std::nullopt},
        CloudRow{
            "a host whose DMI is empty", {{"sys_vendor", "\n"}, {"product_name", "  \n"}}, std::nullopt}));

TEST(HostCloud, OfXenIsToldByTheUuidOfTheHypervisor) {
    const Root root;
    root.write("sys/hypervisor/uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n");
    EXPECT_EQ(cloud_of(root.sources), Cloud::aws);
    root.write("sys/hypervisor/uuid", "0c2e1916-9099-7caf-fd21-012345abcdef\n");
    EXPECT_EQ(cloud_of(root.sources), std::nullopt);
}

TEST(HostCloud, OfWhatIsNoTextIsNotKnown) {
    const Root root;
    root.dmi("sys_vendor", std::string(4096, '\xff'));
    root.dmi("product_name", std::string(1, '\0') + "Google Compute Engine");
    fs::create_directories(root.sources.root / "sys/class/dmi/id/bios_vendor");
    EXPECT_EQ(cloud_of(root.sources), std::nullopt);
}

TEST(HostCloud, IsNotLookedForBeyondTheBeginningOfAFile) {
    const Root root;
    root.dmi("sys_vendor", std::string(1 << 20, 'x'));
    root.dmi("chassis_asset_tag", std::string(4096, ' ') + azure_tag);
    EXPECT_EQ(cloud_of(root.sources), Cloud::other);
}

TEST(HostCloud, TakesTheFirstLineWithoutBlanks) {
    const Root root;
    root.dmi("sys_vendor", " Amazon EC2 \nXen\n");
    EXPECT_EQ(cloud_of(root.sources), Cloud::aws);
}

class ContainerMarker : public testing::TestWithParam<const char*> {};

TEST_P(ContainerMarker, IsEnough) {
    const Root root;
    ASSERT_FALSE(in_container(root.sources));
    root.write(GetParam(), "");
    EXPECT_TRUE(in_container(root.sources));
}

INSTANTIATE_TEST_SUITE_P(Files, ContainerMarker,
                         testing::Values(".dockerenv", "run/.containerenv", "run/systemd/container",
                                         "run/host/container-manager"));

TEST(InContainer, OfAPodIsToldByItsEnvironment) {
    Root root;
    root.sources.kubernetes = true;
    EXPECT_TRUE(in_container(root.sources));
}

TEST(InContainer, IsToldByTheCgroupOfAManager) {
    const Root root;
    for (const char* cgroup :
         {"12:pids:/docker/4cfdec\n1:name=systemd:/docker/4cfdec\n",
          "0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-4c.scope\n",
          "0::/machine.slice/libpod-4cfdec.scope/container\n", "0::/lxc.payload.web\n"}) {
        root.write("proc/self/cgroup", cgroup);
        EXPECT_TRUE(in_container(root.sources)) << cgroup;
    }
    // A service of the host, whatever it is called.
    for (const char* cgroup : {"0::/\n", "0::/user.slice/user-1000.slice/session-2.scope\n",
                               "0::/system.slice/docker-checks.service\n"}) {
        root.write("proc/self/cgroup", cgroup);
        EXPECT_FALSE(in_container(root.sources)) << cgroup;
    }
}

TEST(HostIdentity, OfThisHostHasItsKernel) {
    utsname system{};
    ASSERT_EQ(uname(&system), 0);
    EXPECT_EQ(host_identity().kernel, system.release);
}

}  // namespace
}  // namespace whylink::probes
