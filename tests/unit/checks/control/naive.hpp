// A second implementation of what a rule matches, as slow and obvious as can be, for the property tests: addresses are
// numbers, networks are ranges of numbers, ports are tried one by one. Shares no code with what it is held against.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checks/control/firewall.hpp"
#include "config/address.hpp"

namespace whylink::control::naive {

/// 10.0.0.0 to 10.0.0.63: few enough that rules often meet.
inline constexpr std::uint32_t base = 10U << 24U;

struct Range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool has(std::uint32_t value) const { return value >= first && value <= last; }
};

inline IpAddress address(std::uint32_t value) {
    return IpAddress::v4({static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
                          static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)});
}

class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }
    bool one_in(std::uint32_t n) { return below(n) == 0; }
    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[below(static_cast<std::uint32_t>(list.size()))];
    }

  private:
    std::mt19937_64 engine_;
};

/// A network of at most 64 addresses among those, or all of them.
struct Network {
    Range range;
    Cidr cidr;
};

inline Network network(Random& random) {
    const unsigned length = random.one_in(6) ? 0 : 26 + random.below(7);
    const std::uint64_t size = std::uint64_t{1} << (32U - length);
    const std::uint32_t first = length == 0 ? 0
                                            : base + random.below(64) / static_cast<std::uint32_t>(size) *
                                                         static_cast<std::uint32_t>(size);
    return {{first, static_cast<std::uint32_t>(first + (size - 1))}, Cidr(address(first), length)};
}

/// Around the port that is asked for, wide ones, and none, which is all.
inline std::optional<PortRange> ports(Random& random) {
    if (random.one_in(4)) {
        return std::nullopt;
    }
    const std::vector<std::uint16_t> edges{0, 22, 443, 1023, 1024, 9439, 9440, 9441, 32768, 60999, 65535};
    const std::uint16_t a = random.of(edges);
    const std::uint16_t b = random.of(edges);
    return PortRange{std::min(a, b), std::max(a, b)};
}

/// Ephemeral ports at every edge that ports() has, and beside it: between two of them nothing changes.
inline const std::vector<unsigned>& ephemeral() {
    static const std::vector<unsigned> all{1024,  1025,  5000,  9438,  9439,  9440,  9441,  9442,  20000,
                                           32767, 32768, 32769, 50000, 60998, 60999, 61000, 65534, 65535};
    return all;
}

inline bool has(const std::optional<PortRange>& range, unsigned port) {
    return !range || (port >= range->from && port <= range->to);
}

/// The parts of a World: a flow to port 9440 between two of those addresses, as the real code and as the slow one has it.
template <class World>
void draw_flow(Random& random, World& world) {
    world.source = base + random.below(64);
    world.destination = base + random.below(64);
    world.flow.source = address(world.source);
    world.flow.destination = address(world.destination);
    world.flow.port = 9440;
}

/// Holds both implementations against each other in 5000 worlds; each verdict must come up more than `at_least` times.
template <class MakeWorld, class Judge, class NaiveJudge>
void expect_agreement(std::uint64_t seed, int at_least, const MakeWorld& make, const Judge& judge,
                      const NaiveJudge& naive_judge) {
    Random random(seed);
    std::map<Passage, int> seen;
    for (int i = 0; i < 5000; ++i) {
        const auto world = make(random);
        const Passage passage = judge(world).passage;
        ASSERT_EQ(slug(passage), slug(naive_judge(world))) << "world " << i;
        ++seen[passage];
    }
    for (const Term<Passage>& passage : terms_of<Passage>) {
        EXPECT_GT(seen[passage.value], at_least) << passage.slug;
    }
}

}  // namespace whylink::control::naive
