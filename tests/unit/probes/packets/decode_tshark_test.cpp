// tshark reads the samples as we do, so that the other tests are not wrong together with the code.
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "decoded.hpp"
#include "sample_frames.hpp"
#include "tests/support/temporary_directory.hpp"

namespace whylink::probes {
namespace {

using namespace testing;

/// Of one frame, by Wireshark's names; the first occurrence of each. Empty: not there.
using Fields = std::vector<std::pair<std::string, std::string>>;

void add_ip(const Packet& packet, Fields& fields) {
    const bool v4 = packet.source.is_v4();
    const std::string source = packet.source.to_string();
    const std::string destination = packet.destination.to_string();
    const std::string hop_limit = std::to_string(packet.hop_limit);
    fields.insert(fields.end(), {{"ip.src", v4 ? source : ""},
                                 {"ip.dst", v4 ? destination : ""},
                                 {"ip.ttl", v4 ? hop_limit : ""},
                                 {"ipv6.src", v4 ? "" : source},
                                 {"ipv6.dst", v4 ? "" : destination},
                                 {"ipv6.hlim", v4 ? "" : hop_limit}});
}

std::string nonzero(std::uint32_t value) {
    return value == 0 ? "" : std::to_string(value);
}

std::string hex_flags(const TcpSegment& segment) {
    const unsigned flags = (segment.fin ? flag_fin : 0) | (segment.syn ? flag_syn : 0) |
                           (segment.rst ? flag_rst : 0) | (segment.psh ? flag_psh : 0) |
                           (segment.ack ? flag_ack : 0);
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "0x%04x", flags);
    return text.data();
}

void add_tcp(const Packet& packet, Fields& fields) {
    const auto* segment = std::get_if<TcpSegment>(&packet.transport);
    const TcpSegment none;
    const TcpSegment& tcp = segment != nullptr ? *segment : none;
    const auto text = [segment](std::uint32_t value) {
        return segment != nullptr ? std::to_string(value) : "";
    };
    fields.insert(fields.end(),
                  {{"tcp.srcport", text(tcp.source_port)},
                   {"tcp.dstport", text(tcp.destination_port)},
                   {"tcp.seq_raw", text(tcp.sequence)},
                   {"tcp.ack_raw", text(tcp.acknowledgment)},
                   {"tcp.flags", segment != nullptr ? hex_flags(tcp) : ""},
                   {"tcp.window_size_value", text(tcp.window)},
                   // tshark does not say of a fragment.
                   {"tcp.len", packet.is_fragment ? "" : text(tcp.payload_size)},
                   {"tcp.options.mss_val", nonzero(tcp.mss)},
                   {"tcp.options.wscale.shift", tcp.window_scale ? std::to_string(*tcp.window_scale) : ""},
                   {"tcp.options.timestamp.tsval", tcp.has_timestamp ? "1" : ""},
                   {"tcp.options.sack_le", tcp.sack ? std::to_string(tcp.sack->first) : ""},
                   {"tcp.options.sack_re", tcp.sack ? std::to_string(tcp.sack->second) : ""}});
}

void add_udp(const Packet& packet, Fields& fields) {
    const auto* udp = std::get_if<UdpDatagram>(&packet.transport);
    fields.insert(fields.end(),
                  {{"udp.srcport", udp != nullptr ? std::to_string(udp->source_port) : ""},
                   {"udp.dstport", udp != nullptr ? std::to_string(udp->destination_port) : ""},
                   {"udp.length", udp != nullptr ? std::to_string(udp->payload_size + 8) : ""}});
}

void add_icmp(const Packet& packet, Fields& fields) {
    const auto* icmp = std::get_if<IcmpMessage>(&packet.transport);
    for (const bool v6 : {false, true}) {
        const std::string name = v6 ? "icmpv6." : "icmp.";
        const bool is_it = icmp != nullptr && icmp->v6 == v6;
        fields.emplace_back(name + "type", is_it ? std::to_string(icmp->type) : "");
        fields.emplace_back(name + "code", is_it ? std::to_string(icmp->code) : "");
        fields.emplace_back(name + "mtu", is_it ? nonzero(icmp->mtu) : "");
    }
}

/// What tshark finds in a quotation is under the same names as what is in a packet of its own.
void add_quoted(const Packet& packet, Fields& fields) {
    const auto* icmp = std::get_if<IcmpMessage>(&packet.transport);
    if (icmp == nullptr || !icmp->quoted) {
        return;
    }
    const std::string protocol = icmp->quoted->protocol == 6 ? "tcp." : "udp.";
    for (auto& [name, value] : fields) {
        if (name == protocol + "srcport") {
            value = std::to_string(icmp->quoted->source_port);
        } else if (name == protocol + "dstport") {
            value = std::to_string(icmp->quoted->destination_port);
        } else if (name.starts_with(protocol)) {
            value = "not read";
        }
    }
}

void add_link(const Packet& packet, LinkType link, Fields& fields) {
    const bool cooked = link == LinkType::cooked_v1 || link == LinkType::cooked_v2;
    fields.emplace_back("sll.pkttype", !cooked ? "" : packet.way == Way::outgoing ? "4" : "0");
    fields.emplace_back("sll.ifindex", nonzero(packet.interface));
    fields.emplace_back("vlan.id", packet.vlan ? std::to_string(*packet.vlan) : "");
}

Fields fields_of(const Packet& packet, LinkType link) {
    Fields fields;
    add_link(packet, link, fields);
    add_ip(packet, fields);
    add_tcp(packet, fields);
    add_udp(packet, fields);
    add_icmp(packet, fields);
    add_quoted(packet, fields);
    return fields;
}

std::vector<SampleFrame> samples_of(LinkType link) {
    std::vector<SampleFrame> samples;
    for (const SampleFrame& sample : sample_frames()) {
        // Wireshark names the outer tag of 802.1ad otherwise, and ARP is not for us.
        if (sample.link == link && sample.name != "two_vlans" && sample.name != "arp") {
            samples.push_back(sample);
        }
    }
    return samples;
}

void write_capture(const std::string& file, LinkType link, const std::vector<SampleFrame>& samples) {
    pcap_t* const handle = pcap_open_dead(static_cast<int>(link), 65535);
    pcap_dumper_t* const dump = pcap_dump_open(handle, file.c_str());
    if (dump == nullptr) {
        throw std::runtime_error(pcap_geterr(handle));
    }
    for (const SampleFrame& sample : samples) {
        const auto size = static_cast<bpf_u_int32>(sample.bytes.size());
        const pcap_pkthdr header{.ts = {}, .caplen = size, .len = size};
        pcap_dump(reinterpret_cast<unsigned char*>(dump), &header, sample.bytes.data());
    }
    pcap_dump_close(dump);
    pcap_close(handle);
}

/// What tshark says, a line for each frame: the values with "|" between them.
std::vector<std::string> tshark(const std::string& file, const Fields& names) {
    std::string command =
        "tshark -r " + file +
        " -o ip.defragment:FALSE -o ipv6.defragment:FALSE"
        " -o tcp.relative_sequence_numbers:FALSE -T fields -E separator='|' -E occurrence=f";
    for (const auto& [name, value] : names) {
        command += " -e " + name;
    }
    command += " 2>" + file + ".stderr >" + file + ".stdout";
    if (std::system(command.c_str()) != 0) {
        ADD_FAILURE() << command << "\n" << std::ifstream(file + ".stderr").rdbuf();
    }
    std::vector<std::string> lines;
    std::ifstream out(file + ".stdout");
    for (std::string line; std::getline(out, line);) {
        lines.push_back(line);
    }
    return lines;
}

void compare(const SampleFrame& sample, const Fields& ours, const std::string& line) {
    SCOPED_TRACE(sample.name);
    std::istringstream values(line);
    for (const auto& [name, value] : ours) {
        std::string theirs;
        std::getline(values, theirs, '|');
        if (value != "not read") {
            EXPECT_EQ(value, theirs) << name;
        }
    }
}

class AgainstTshark : public ::testing::TestWithParam<LinkType> {};

TEST_P(AgainstTshark, EachSampleReadsTheSame) {
    const lab::TemporaryDirectory directory;
    const std::string file = directory / "samples.pcap";
    const auto samples = samples_of(GetParam());
    ASSERT_FALSE(samples.empty());
    write_capture(file, GetParam(), samples);
    std::vector<Fields> ours;
    ours.reserve(samples.size());
    for (const SampleFrame& sample : samples) {
        ours.push_back(fields_of(decoded(sample.link, sample.bytes).packet.value(), sample.link));
    }
    const auto lines = tshark(file, ours.front());
    ASSERT_EQ(lines.size(), samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        compare(samples[i], ours[i], lines[i]);
    }
}

INSTANTIATE_TEST_SUITE_P(Decode, AgainstTshark,
                         ::testing::Values(LinkType::null, LinkType::ethernet, LinkType::raw_ip,
                                           LinkType::loop, LinkType::cooked_v1, LinkType::cooked_v2));

}  // namespace
}  // namespace whylink::probes
