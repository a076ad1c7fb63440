#include "config/duration.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "config/ascii.hpp"

namespace whylink::config {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Largest first: formatting takes the first that divides.
constexpr std::array<Unit, 5> duration_units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::uint64_t max_duration = 3650ULL * 86'400'000;

constexpr std::array<Unit, 5> binary_units{
    {{"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};
constexpr std::array<Unit, 5> decimal_units{
    {{"TB", 1'000'000'000'000}, {"GB", 1'000'000'000}, {"MB", 1'000'000}, {"kB", 1'000}, {"KB", 1'000}}};
constexpr std::uint64_t max_size = (1ULL << 60) - 1;

// With six digits of fraction no product below leaves 64 bits: 10^6 * 2^40 < 2^60.
constexpr std::size_t max_fraction_digits = 6;

bool is_number_character(char c) {
    return is_digit(c) || c == '.';
}

/// `number` ("12", "1.5") times `factor`; nothing when that is not a whole number of at most `limit`.
std::optional<std::uint64_t> scale(std::string_view number, std::uint64_t factor, std::uint64_t limit) {
    const std::size_t dot = number.find('.');
    const auto whole = parse_number<std::uint64_t>(number.substr(0, dot));
    if (!whole || *whole > limit / factor) {
        return std::nullopt;
    }
    if (dot == std::string_view::npos) {
        return *whole * factor;
    }

    const std::string_view digits = number.substr(dot + 1);
    if (digits.size() > max_fraction_digits) {
        return std::nullopt;
    }
    const auto fraction = parse_number<std::uint64_t>(digits);
    if (!fraction) {
        return std::nullopt;
    }
    std::uint64_t divisor = 1;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        divisor *= 10;
    }
    if (*fraction * factor % divisor != 0) {
        return std::nullopt;
    }
    const std::uint64_t result = *whole * factor + *fraction * factor / divisor;
    return result <= limit ? std::optional(result) : std::nullopt;
}

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units, std::uint64_t limit) {
    const auto end = std::ranges::find_if_not(text, is_number_character);
    const auto length = static_cast<std::size_t>(end - text.begin());
    const std::string_view name = text.substr(length);
    const auto unit = std::ranges::find(units, name, &Unit::name);
    return unit == units.end() ? std::nullopt : scale(text.substr(0, length), unit->factor, limit);
}

std::string format(std::uint64_t value, std::span<const Unit> units, std::string_view zero) {
    const auto divides = [value](const Unit& unit) { return value != 0 && value % unit.factor == 0; };
    const auto unit = std::ranges::find_if(units, divides);
    return unit == units.end() ? std::string(zero)
                               : std::to_string(value / unit->factor) + std::string(unit->name);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto value = parse(text, duration_units, max_duration);
    if (!value) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(*value));
}

std::string format_duration(std::chrono::milliseconds value) {
    const auto count = std::max<std::chrono::milliseconds::rep>(value.count(), 0);
    return format(static_cast<std::uint64_t>(count), duration_units, "0s");
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    if (const auto binary = parse(text, binary_units, max_size)) {
        return binary;
    }
    return parse(text, decimal_units, max_size);
}

std::string format_size(std::uint64_t bytes) {
    return format(bytes, binary_units, "0B");
}

}  // namespace whylink::config
