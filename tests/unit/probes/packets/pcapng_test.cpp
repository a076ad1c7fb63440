#include "probes/packets/pcapng.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <array>
#include <map>
#include <numeric>
#include <string>
#include <string_view>

#include "tests/support/tshark.hpp"

namespace whylink::probes {
namespace {

using testing::ElementsAre;

constexpr Nanoseconds noon{1'795'262'400'123'456'789};

/// 10.0.0.1:40000 to 10.0.0.2:443, a SYN without options: 40 bytes of IP.
const std::vector<std::uint8_t>& syn() {
    static const std::vector<std::uint8_t> bytes{
        0x45, 0,    0,    40,   0, 1, 0x40, 0, 64, 6, 0x26, 0xcd, 10,   0,    0,    1,    10, 0, 0, 2,  // IP
        0x9c, 0x40, 0x01, 0xbb, 0, 0, 0,    1, 0,  0, 0,    0,    0x50, 0x02, 0xff, 0xff, 0,  0, 0, 0};
    return bytes;
}

/// `size` bytes of something, the same each time.
std::vector<std::uint8_t> numbers(std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    std::iota(bytes.begin(), bytes.end(), static_cast<std::uint8_t>(0));
    return bytes;
}

KeptFrames frames_of(LinkType link, const std::vector<std::vector<std::uint8_t>>& packets,
                     std::uint32_t beyond = 0) {
    KeptFrames frames;
    frames.link = link;
    Nanoseconds time = noon;
    for (const std::vector<std::uint8_t>& packet : packets) {
        frames.add({time, static_cast<std::uint32_t>(packet.size()) + beyond, packet}, packet.size());
        time += std::chrono::milliseconds(1);
    }
    return frames;
}

PcapngSection section() {
    PcapngSection section;
    section.application = "whylink 0.1.0";
    return section;
}

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
        value = (value << 8U) | static_cast<unsigned char>(bytes.at(at + i));
    }
    return value;
}

struct Block {
    std::uint64_t type = 0;
    std::string_view body;
};

/// Fails unless the blocks fill the file, each with its length at both ends.
std::vector<Block> blocks_of(std::string_view file) {
    std::vector<Block> blocks;
    while (!file.empty()) {
        const std::uint64_t length = number(file, 4, 4);
        EXPECT_EQ(length % 4, 0U);
        if (length < 12 || length > file.size()) {
            ADD_FAILURE() << "a block of " << length << " bytes, with " << file.size() << " left";
            return blocks;
        }
        EXPECT_EQ(number(file, length - 4, 4), length);
        blocks.push_back({number(file, 0, 4), file.substr(8, length - 12)});
        file.remove_prefix(length);
    }
    return blocks;
}

/// By code; `fixed` is what stands in the block before them.
std::multimap<std::uint64_t, std::string> options_of(const Block& block, std::size_t fixed) {
    std::multimap<std::uint64_t, std::string> options;
    std::string_view rest = block.body.substr(fixed);
    while (rest.size() >= 4) {
        const std::uint64_t code = number(rest, 0, 2);
        const std::uint64_t size = number(rest, 2, 2);
        if (code == 0) {
            EXPECT_EQ(rest.size(), 4U) << "something stands behind the end of the options";
            return options;
        }
        options.emplace(code, rest.substr(4, size));
        rest.remove_prefix(4 + (size + 3) / 4 * 4);
    }
    ADD_FAILURE() << "the options do not end";
    return options;
}

/// Lines of tshark's, which must have read the file without a word.
std::vector<std::string> tshark(const std::string& file, const std::string& options = {}) {
    const lab::Reading read = lab::read_capture(file, "tshark", options);
    EXPECT_EQ(read.status, 0);
    EXPECT_EQ(read.complaints, "");
    return read.lines;
}

std::string first_comment(const std::string& text) {
    PcapngSection of_text = section();
    of_text.comments = {text};
    const std::string file = pcapng(of_text, {});
    const auto options = options_of(blocks_of(file).at(0), 16);
    return options.find(1)->second;
}

TEST(Pcapng, SaysWhereItComesFromAndHowLongItIs) {
    PcapngSection all = section();
    all.operating_system = "Linux 6.1";
    all.comments = {"endpoint db: unhealthy", "why", "odd"};
    all.interface = "eth0";
    all.filter = "tcp port 443";
    all.snapshot_length = 256;
    all.dropped = 7;
    const std::string file = pcapng(all, frames_of(LinkType::raw_ip, {syn(), syn()}));
    const std::vector<Block> blocks = blocks_of(file);
    ASSERT_EQ(blocks.size(), 5U);
    EXPECT_EQ(blocks[0].type, 0x0a0d0d0aU);
    EXPECT_EQ(number(blocks[0].body, 8, 8), file.size() - blocks[0].body.size() - 12);
    const auto of_section = options_of(blocks[0], 16);
    EXPECT_EQ(of_section.count(1), 3U);
    EXPECT_EQ(of_section.find(3)->second, "Linux 6.1");
    EXPECT_EQ(of_section.find(4)->second, "whylink 0.1.0");
    const auto of_interface = options_of(blocks[1], 8);
    EXPECT_EQ(number(blocks[1].body, 0, 2), 101U) << "LINKTYPE_RAW, not DLT_RAW";
    EXPECT_EQ(number(blocks[1].body, 4, 4), 256U);
    EXPECT_EQ(of_interface.find(2)->second, "eth0");
    EXPECT_EQ(of_interface.find(9)->second, "\x09");
    EXPECT_EQ(of_interface.find(11)->second, std::string(1, '\0') + "tcp port 443");
    const auto of_statistics = options_of(blocks[4], 12);
    EXPECT_EQ(number(of_statistics.find(5)->second, 0, 8), 7U);
}

TEST(Pcapng, IsReadByTsharkWithoutComplaint) {
    PcapngSection all = section();
    all.comments = {"endpoint db: unhealthy", "the SYN went unanswered – 3 times"};
    all.filter = "tcp port 443";
    all.snapshot_length = 65535;
    all.dropped = 7;
    const std::string file = pcapng(all, frames_of(LinkType::raw_ip, {syn(), syn(), syn()}));
    EXPECT_THAT(
        tshark(file,
               "-t e -T fields -E separator=, -e frame.time_epoch -e frame.len -e ip.src -e tcp.dstport -e "
               "frame.interface_name -e _ws.malformed"),
        ElementsAre("1795262400.123456789,40,10.0.0.1,443,any,", "1795262400.124456789,40,10.0.0.1,443,any,",
                    "1795262400.125456789,40,10.0.0.1,443,any,"));
    const lab::Reading about = lab::read_capture(file, "capinfos");
    EXPECT_EQ(about.status, 0);
    EXPECT_EQ(about.complaints, "");
    for (const char* said : {"endpoint db: unhealthy", "the SYN went unanswered", "whylink 0.1.0",
                             "Filter string = tcp port 443", "Number of packets:   3",
                             "Time precision = nanoseconds (9)", "Number of stat entries = 1"}) {
        EXPECT_THAT(about.lines, testing::Contains(testing::HasSubstr(said)));
    }
}

TEST(Pcapng, SaysOfAPacketWhatItBelongsTo) {
    KeptFrames frames = frames_of(LinkType::raw_ip, {syn(), syn()});
    frames.describe("connection to 10.0.0.2:443");
    EXPECT_THAT(tshark(pcapng(section(), frames), "-T fields -E separator=, -e tcp.dstport -e frame.comment"),
                ElementsAre("443,connection to 10.0.0.2:443", "443,"));
}

TEST(Pcapng, KeepsTheLengthOfWhatWasCutAndPadsEverySize) {
    std::vector<std::vector<std::uint8_t>> packets;
    for (std::size_t cut = 20; cut <= 40; ++cut) {
        packets.emplace_back(syn().begin(), syn().begin() + static_cast<std::ptrdiff_t>(cut));
    }
    const std::string file = pcapng(section(), frames_of(LinkType::raw_ip, packets, 1000));
    const std::vector<std::string> lines =
        tshark(file, "-T fields -E separator=, -e frame.cap_len -e frame.len -e ip.dst");
    ASSERT_EQ(lines.size(), packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const std::size_t size = packets[i].size();
        EXPECT_EQ(lines[i], std::to_string(size) + "," + std::to_string(size + 1000) + ",10.0.0.2");
    }
}

struct Offline {
    explicit Offline(const std::string& file) {
        lab::make_file(path, file);
        handle =
            pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data());
    }
    ~Offline() {
        if (handle != nullptr) {
            pcap_close(handle);
        }
    }
    Offline(const Offline&) = delete;
    Offline& operator=(const Offline&) = delete;

    lab::TemporaryDirectory directory;
    std::string path = directory / "packets.pcapng";
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* handle = nullptr;
};

TEST(Pcapng, IsReadByLibpcapAsItWasKeptForEveryLinkType) {
    const std::map<LinkType, int> expected{
        {LinkType::null, DLT_NULL},           {LinkType::ethernet, DLT_EN10MB},
        {LinkType::raw_ip, DLT_RAW},          {LinkType::loop, DLT_LOOP},
        {LinkType::cooked_v1, DLT_LINUX_SLL}, {LinkType::cooked_v2, DLT_LINUX_SLL2}};
    for (const auto& [link, dlt] : expected) {
        const std::vector<std::vector<std::uint8_t>> packets{numbers(64), numbers(61), numbers(1500)};
        // Two of them are longer than the snapshot is said to be: nothing of them may be lost.
        PcapngSection short_snapshot = section();
        short_snapshot.snapshot_length = 62;
        const Offline read(pcapng(short_snapshot, frames_of(link, packets)));
        ASSERT_NE(read.handle, nullptr) << read.error.data();
        EXPECT_EQ(pcap_datalink(read.handle), dlt);
        for (const std::vector<std::uint8_t>& packet : packets) {
            pcap_pkthdr* header = nullptr;
            const u_char* bytes = nullptr;
            ASSERT_EQ(pcap_next_ex(read.handle, &header, &bytes), 1) << pcap_geterr(read.handle);
            EXPECT_EQ(std::vector<std::uint8_t>(bytes, bytes + header->caplen), packet);
        }
        pcap_pkthdr* header = nullptr;
        const u_char* bytes = nullptr;
        EXPECT_EQ(pcap_next_ex(read.handle, &header, &bytes), PCAP_ERROR_BREAK);
    }
}

TEST(Pcapng, IsAFileAlsoWithoutPackets) {
    PcapngSection empty = section();
    empty.interface.clear();
    empty.comments = {"endpoint db", "", "nothing was captured"};
    for (const std::uint64_t dropped : {0U, 5U}) {
        empty.dropped = dropped;
        const std::string file = pcapng(empty, {});
        EXPECT_EQ(blocks_of(file).size(), dropped == 0 ? 2U : 3U);
        EXPECT_THAT(tshark(file), testing::IsEmpty());
        const Offline offline(file);
        EXPECT_NE(offline.handle, nullptr) << offline.error.data();
    }
}

TEST(Pcapng, CutsTextBetweenCharacters) {
    const std::string euros = [] {
        std::string text;
        for (int i = 0; i < 30'000; ++i) {
            text += "€";
        }
        return text;
    }();
    EXPECT_EQ(first_comment(euros), euros.substr(0, 65'535));  // 21,845 of three bytes fit exactly
    EXPECT_EQ(first_comment("x" + euros), ("x" + euros).substr(0, 1 + 3 * 21'844));
    EXPECT_EQ(first_comment(std::string(70'000, 'x')), std::string(65'535, 'x'));
}

TEST(Pcapng, WritesNothingButUtf8) {
    const std::string mark = "\xef\xbf\xbd";
    EXPECT_EQ(first_comment("grün \xf0\x9f\x90\x9b €"), "grün \xf0\x9f\x90\x9b €");
    EXPECT_EQ(first_comment(std::string("a\0b", 3)), "a" + mark + "b");
    EXPECT_EQ(first_comment("\xff\xfe"), mark + mark);
    EXPECT_EQ(first_comment("\xc3"), mark) << "cut off";
    EXPECT_EQ(first_comment("\xc3x"), mark + "x");
    EXPECT_EQ(first_comment("\xc0\x80"), mark + mark) << "over-long";
    EXPECT_EQ(first_comment("\xe0\x80\x80"), mark + mark + mark) << "over-long";
    EXPECT_EQ(first_comment("\xed\xa0\x80"), mark + mark + mark) << "a surrogate";
    EXPECT_EQ(first_comment("\xf4\x90\x80\x80"), mark + mark + mark + mark) << "beyond U+10FFFF";
}

TEST(Pcapng, LeavesOutAFilterThatAnOptionCannotHold) {
    PcapngSection filtered = section();
    filtered.filter = std::string(65'534, 'x');
    const std::string fits = pcapng(filtered, {});
    EXPECT_EQ(options_of(blocks_of(fits).at(1), 8).count(11), 1U);
    filtered.filter += 'x';
    const std::string too_long = pcapng(filtered, {});
    EXPECT_EQ(options_of(blocks_of(too_long).at(1), 8).count(11), 0U);
}

TEST(Pcapng, BoundsItsHeaderByWhatReadersTake) {
    PcapngSection talkative = section();
    talkative.comments.assign(1000, std::string(65'535, 'x'));  // 64 MiB; libpcap takes 1
    const std::string file = pcapng(talkative, frames_of(LinkType::raw_ip, {syn()}));
    EXPECT_LT(file.size(), 2U << 20U);
    EXPECT_EQ(tshark(file).size(), 1U);
    const Offline offline(file);
    EXPECT_NE(offline.handle, nullptr) << offline.error.data();
}

TEST(Pcapng, HarmsNothingWithTimesAndLengthsThatCannotBe) {
    KeptFrames frames;
    frames.link = LinkType::raw_ip;
    frames.add({Nanoseconds(-5), 0, syn()}, syn().size());  // shorter on the wire than what was kept
    frames.add({Nanoseconds::max(), 0x7fffffff, syn()}, syn().size());
    frames.add({noon, 0, {}}, 0);
    PcapngSection odd = section();
    odd.snapshot_length = -1;
    EXPECT_THAT(
        tshark(pcapng(odd, frames),
               "-T fields -E separator=, -e frame.time_epoch -e frame.cap_len -e frame.len"),
        ElementsAre("0.000000000,40,40", "9223372036.854775807,40,2147483647", "1795262400.123456789,0,0"));
}

}  // namespace
}  // namespace whylink::probes
