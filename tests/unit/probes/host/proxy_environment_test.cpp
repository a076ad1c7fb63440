#include "probes/host/proxy_environment.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace whylink::probes {
namespace {

namespace fs = std::filesystem;

class ProxyEnvironment : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "whylink-proxies-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        sources.root = name;
    }
    void TearDown() override { fs::remove_all(sources.root); }

    void write(const std::string& file, const std::string& text) {
        const fs::path path = sources.root / file;
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }

    /// "VARIABLE=VALUE FROM" each.
    std::vector<std::string> read() const {
        std::vector<std::string> lines;
        for (const ProxySetting& setting : read_proxy_settings(sources)) {
            lines.push_back(setting.variable + "=" + setting.value + " " + setting.from);
        }
        return lines;
    }

    using Lines = std::vector<std::string>;
    ProxySources sources;
};

TEST_F(ProxyEnvironment, OfAHostWithoutProxiesIsEmpty) {
    EXPECT_EQ(read(), Lines{});
    write("etc/environment", "PATH=/usr/bin\nLANG=C\n");
    EXPECT_EQ(read(), Lines{});
}

TEST_F(ProxyEnvironment, OfTheProcessIsTakenAsItStands) {
    sources.environment = {"https_proxy=http://10.0.0.5:3128", "PATH=/bin", "NO_PROXY=", "http_proxy"};
    EXPECT_EQ(read(), (Lines{"https_proxy=http://10.0.0.5:3128 environment", "NO_PROXY= environment"}));
}

TEST_F(ProxyEnvironment, EtcEnvironmentHasOneVariableALine) {
    write(
        "etc/environment",
        "# HTTPS_PROXY=http://no\nHTTPS_PROXY=\"http://10.0.0.5:3128\"\nexport no_proxy=localhost, 10.0.0.0/8\n"
        "ALL_PROXY='socks5://10.0.0.6'\nMY_HTTPS_PROXY=x\n");
    EXPECT_EQ(read(), (Lines{"HTTPS_PROXY=http://10.0.0.5:3128 /etc/environment",
                             "no_proxy=localhost, 10.0.0.0/8 /etc/environment",
                             "ALL_PROXY=socks5://10.0.0.6 /etc/environment"}));
}

TEST_F(ProxyEnvironment, ScriptsOfTheProfileAreReadByTheirNames) {
    write("etc/profile.d/20-Proxy.sh",
          "#!/bin/sh\nexport http_proxy=http://10.0.0.5:3128 https_proxy=\"http://10.0.0.5:3129\"\n"
          "NO_PROXY='a.test,b.test'; export NO_PROXY\n");
    write("etc/profile.d/vte.sh", "export ALL_PROXY=http://wrong\n");
    write("etc/profile.d/proxy.csh", "setenv ALL_PROXY http://wrong\n");
    EXPECT_EQ(read(), (Lines{"http_proxy=http://10.0.0.5:3128 /etc/profile.d/20-Proxy.sh",
                             "https_proxy=http://10.0.0.5:3129 /etc/profile.d/20-Proxy.sh",
                             "NO_PROXY=a.test,b.test /etc/profile.d/20-Proxy.sh"}));
}

TEST_F(ProxyEnvironment, SystemdGivesServicesAnEnvironment) {
    write("etc/systemd/system.conf",
          "[Manager]\n#DefaultEnvironment=HTTPS_PROXY=http://no\n"
          "DefaultEnvironment=\"HTTPS_PROXY=http://10.0.0.5:3128\" LANG=C \\\n 'NO_PROXY=a b'\n");
    write("etc/systemd/system.conf.d/10.conf",
          "[Manager]\nDefaultEnvironment = http_proxy=http://10.0.0.6\n");
    write("etc/systemd/system.conf.d/readme", "DefaultEnvironment=ALL_PROXY=http://wrong\n");
    EXPECT_EQ(read(), (Lines{"HTTPS_PROXY=http://10.0.0.5:3128 /etc/systemd/system.conf",
                             "NO_PROXY=a b /etc/systemd/system.conf",
                             "http_proxy=http://10.0.0.6 /etc/systemd/system.conf.d/10.conf"}));
    write("etc/systemd/system.conf.d/20.conf", "[Manager]\nDefaultEnvironment=\n");
    EXPECT_EQ(read(), Lines{});
}

TEST_F(ProxyEnvironment, ScriptsAreNamedAndNotKept) {
    sources.environment = {"auto_proxy=http://user:secret@wpad.test/proxy.pac"};
    write("etc/environment", "PAC_URL=file:///etc/proxy.pac\n");
    write("etc/NetworkManager/system-connections/office.nmconnection",
          "[connection]\nid=office\n\n[proxy]\nmethod=1\npac-url=http://10.0.0.5/proxy.pac\n");
    write("etc/NetworkManager/system-connections/other.nmconnection",
          "[proxy]\npac-script=function FindProxyForURL(url, host) { return \"DIRECT\"; }\n");
    write("etc/NetworkManager/system-connections/office.nmconnection~", "[proxy]\npac-url=http://wrong\n");
    EXPECT_EQ(
        read(),
        (Lines{"PAC_URL=file:///etc/proxy.pac /etc/environment",
               "auto_proxy=http://wpad.test/proxy.pac environment",
               "pac-url=http://10.0.0.5/proxy.pac /etc/NetworkManager/system-connections/office.nmconnection",
               "pac-script=(a script of the connection itself) "
               "/etc/NetworkManager/system-connections/other.nmconnection"}));
}

TEST_F(ProxyEnvironment, CredentialsAreNotKept) {
    sources.environment = {"HTTPS_PROXY=http://user:p%40ss@word@10.0.0.5:3128/",
                           "http_proxy=user:secret@proxy:1", "ALL_PROXY=http://a:b/c#d@proxy:1"};
    EXPECT_EQ(read(), (Lines{"HTTPS_PROXY=http://10.0.0.5:3128/ environment",
                             "http_proxy=proxy:1 environment", "ALL_PROXY=http://proxy:1 environment"}));
    EXPECT_EQ(without_credentials("http://proxy:3128"), "http://proxy:3128");
    EXPECT_EQ(without_credentials("a@b://c@d"), "a@b://d");
    EXPECT_EQ(without_credentials("@"), "");
}

TEST_F(ProxyEnvironment, WhatIsNoPlainFileIsLeftOut) {
    fs::create_directories(sources.root / "etc");
    ASSERT_EQ(mkfifo((sources.root / "etc/environment").c_str(), 0600), 0);
    fs::create_directories(sources.root / "etc/profile.d/proxy.sh");
    write("etc/systemd/system.conf",
          std::string(300'000, 'x') + "\nDefaultEnvironment=ALL_PROXY=http://large\n");
    EXPECT_EQ(read(), Lines{});
}

TEST_F(ProxyEnvironment, IsBounded) {
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += "HTTPS_PROXY=http://proxy:" + std::to_string(i) + "\n";
    }
    write("etc/environment", many);
    EXPECT_EQ(read().size(), 64U);
    write("etc/environment", "NO_PROXY=" + std::string(20'000, 'a') + "\nHTTPS_PROXY=http://a\x1b[31m\n");
    EXPECT_EQ(read(), Lines{});
    write("etc/environment",
          "HTTPS_PROXY=http://" + std::string(600, 'a') + "\nHTTP_PROXY=http://\xff\u202e\n");
    EXPECT_EQ(read(),
              Lines{"HTTPS_PROXY=http://" + std::string(505, 'a') + "… (95 B left out) /etc/environment"});
}

}  // namespace
}  // namespace whylink::probes
