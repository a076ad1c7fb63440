// Real faults on a real kernel, as tests/captures/record has captured them: the same facts as when they were
// read last, and the same counts as tshark's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "probes/packets/flow.hpp"
#include "probes/packets/packet.hpp"
#include "probes/record.hpp"
#include "tests/support/tshark.hpp"

namespace whylink::probes {
namespace {

namespace fs = std::filesystem;

const FlowKey key{6, *IpAddress::parse("10.77.0.2"), 40000, *IpAddress::parse("10.99.0.2"), 9440};

std::string read_text(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

PacketFacts follow(const fs::path& file) {
    char error[PCAP_ERRBUF_SIZE] = "";
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> pcap(
        pcap_open_offline_with_tstamp_precision(file.c_str(), PCAP_TSTAMP_PRECISION_NANO, error),
        &pcap_close);
    FlowRecorder recorder(key);
    if (pcap == nullptr) {
        ADD_FAILURE() << error;
        return recorder.facts();
    }
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    while (pcap_next_ex(pcap.get(), &header, &bytes) == 1) {
        const Nanoseconds time = std::chrono::seconds(header->ts.tv_sec) + Nanoseconds(header->ts.tv_usec);
        const Frame frame{time, header->len, {bytes, header->caplen}};
        const auto packet = decode(static_cast<LinkType>(pcap_datalink(pcap.get())), frame);
        if (packet) {
            recorder.add(*packet);
        } else {
            ADD_FAILURE() << "a frame that is not understood";
        }
    }
    return recorder.facts();
}

std::string as_json(const PacketFacts& facts) {
    Round round;
    round.packets = {{key.remote, key.remote_port, {}, {}, facts}};
    return to_json(round);
}

class Recorded : public testing::TestWithParam<std::string> {
  protected:
    fs::path file(const std::string& ending) const {
        return fs::path(WHYLINK_CAPTURES) / (GetParam() + ending);
    }
};

TEST_P(Recorded, HasTheFactsThatWereRead) {
    const std::string facts = as_json(follow(file(".pcap")));
    if (std::getenv("WHYLINK_UPDATE_CAPTURES") != nullptr) {
        std::ofstream(file(".json")) << facts;
    }
    EXPECT_EQ(facts, read_text(file(".json")));
}

/// Counts by tshark's fields; of the packets from one end, or of all ICMP.
struct TsharkCounts {
    unsigned packets = 0, syn = 0, fin = 0, rst = 0, segments = 0, again = 0;
};

std::map<std::string, TsharkCounts> ask_tshark(const fs::path& file) {
    const lab::Reading reading = lab::read_capture(
        read_text(file), "tshark",
        "-T fields -E separator=/s -E occurrence=f -e ip.proto -e ip.src -e tcp.len -e tcp.flags.syn -e "
        "tcp.flags.fin -e tcp.flags.reset -e tcp.analysis.retransmission");
    EXPECT_EQ(reading.status, 0) << reading.complaints;
    std::map<std::string, TsharkCounts> counts;
    for (const std::string& line : reading.lines) {
        std::istringstream words(line);
        std::string protocol;
        std::string source;
        std::string again;
        unsigned size = 0;
        unsigned syn = 0;
        unsigned fin = 0;
        unsigned rst = 0;
        words >> protocol >> source >> size >> syn >> fin >> rst >> again;
        TsharkCounts& of = counts[protocol == "1" ? "icmp" : source];
        ++of.packets;
        of.syn += syn;
        of.fin += fin;
        of.rst += rst;
        of.segments += size > 0 ? 1U : 0U;
        of.again += size > 0 && again == "1" ? 1U : 0U;
    }
    return counts;
}

TEST_P(Recorded, CountsAsTsharkDoes) {
    const PacketFacts facts = follow(file(".pcap"));
    auto counts = ask_tshark(file(".pcap"));
    const TsharkCounts& ours = counts["10.77.0.2"];
    EXPECT_EQ(facts.packets_sent, ours.packets);
    EXPECT_EQ(facts.syn, ours.syn);
    EXPECT_EQ(facts.fin_sent, ours.fin);
    EXPECT_EQ(facts.rst_sent, ours.rst);
    EXPECT_EQ(facts.segments_sent, ours.segments);
    EXPECT_EQ(facts.retransmits_sent, ours.again);
    const TsharkCounts& peers = counts["10.99.0.2"];
    EXPECT_EQ(facts.packets_received, peers.packets);
    EXPECT_EQ(facts.syn_ack, peers.syn);
    EXPECT_EQ(facts.fin_received, peers.fin);
    EXPECT_EQ(facts.rst_received, peers.rst);
    EXPECT_EQ(facts.segments_received, peers.segments);
    EXPECT_EQ(facts.icmp.size(), std::min(4U, counts["icmp"].packets));
}

std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(WHYLINK_CAPTURES)) {
        if (entry.path().extension() == ".pcap") {
            names.push_back(entry.path().stem());
        }
    }
    std::ranges::sort(names);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Captures, Recorded, testing::ValuesIn(names()),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace whylink::probes
