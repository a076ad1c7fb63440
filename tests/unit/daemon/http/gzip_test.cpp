#include "daemon/http/gzip.hpp"

#include <gtest/gtest.h>

// Makes next_in a pointer to const.
#define ZLIB_CONST
#include <zlib.h>

#include <random>
#include <string>

namespace whylink::daemon::http {
namespace {

/// What a client makes of it; "?" when it is not one whole gzip member.
std::string gunzip(const std::string& compressed, std::size_t size) {
    z_stream stream{};
    constexpr int gzip_only = 15 + 16;
    if (inflateInit2(&stream, gzip_only) != Z_OK) {
        return "?";
    }
    std::string text(size + 1, '\0');
    stream.next_in = reinterpret_cast<const Bytef*>(compressed.data());
    stream.avail_in = static_cast<uInt>(compressed.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    const int result = inflate(&stream, Z_FINISH);
    text.resize(text.size() - stream.avail_out);
    const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    return whole ? text : "?";
}

std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string text(size, '\0');
    for (char& c : text) {
        c = static_cast<char>(random() & 0xffU);
    }
    return text;
}

TEST(Gzip, NothingIsAWholeMemberToo) {
    EXPECT_EQ(gunzip(Gzip().finish(), 0), "");
}

TEST(Gzip, PiecesBecomeOneText) {
    Gzip gzip;
    gzip.add("whylink_healthy");
    gzip.add("");
    gzip.add(" 1\n");
    EXPECT_EQ(gunzip(gzip.finish(), 18), "whylink_healthy 1\n");
}

TEST(Gzip, MoreThanOneOfItsOwnBuffersAndWhatCannotBeMadeSmaller) {
    const std::string text = noise(1'000'000) + std::string(1'000'000, 'a');
    Gzip gzip;
    gzip.add(std::string_view(text).substr(0, 65'536));
    gzip.add(std::string_view(text).substr(65'536));
    const std::string compressed = gzip.finish();
    EXPECT_GT(compressed.size(), 1'000'000U);
    EXPECT_LT(compressed.size(), 1'100'000U);
    EXPECT_TRUE(gunzip(compressed, text.size()) == text);
}

TEST(AcceptsGzip, ByNameOrWildcard) {
    EXPECT_TRUE(accepts_gzip("gzip"));
    EXPECT_TRUE(accepts_gzip("deflate, GZIP;q=0.5"));
    EXPECT_TRUE(accepts_gzip("x-gzip"));
    EXPECT_TRUE(accepts_gzip("*"));
    EXPECT_TRUE(accepts_gzip("gzip;q=0.001, identity"));
    EXPECT_TRUE(accepts_gzip("*;q=0, gzip"));
}

TEST(AcceptsGzip, NotWithoutAskingAndNotAtWeightZero) {
    EXPECT_FALSE(accepts_gzip(""));
    EXPECT_FALSE(accepts_gzip("br, deflate"));
    EXPECT_FALSE(accepts_gzip("gzipped"));
    EXPECT_FALSE(accepts_gzip("gzip;q=0"));
    EXPECT_FALSE(accepts_gzip("gzip; q=0.000, *"));
    EXPECT_FALSE(accepts_gzip("*;q=0"));
}

TEST(AcceptsGzip, GarbageAsksForNothing) {
    for (const char* header : {"gzip;q=", "gzip;q=abc", "gzip;q=2", "gzip;q=-1", "gzip;q=nan", ";;;,,,",
                               "\"gzip", "q=1", "gzip;q=0x1", "\xff\xfe"}) {
        EXPECT_FALSE(accepts_gzip(header)) << header;
    }
}

}  // namespace
}  // namespace whylink::daemon::http
