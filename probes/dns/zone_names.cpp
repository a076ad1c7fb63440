#include "probes/dns/zone_names.hpp"

#include <cstddef>
#include <random>

namespace whylink::probes {
namespace {

constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t letters = 26;
constexpr int random_characters = 12;

std::mt19937_64& generator() {
    // Names need only be fresh, not secret; each thread and each start begins elsewhere.
    thread_local std::mt19937_64 engine = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    return engine;
}

char random_character(std::size_t choices) {
    return letters_and_digits[std::uniform_int_distribution<std::size_t>(0, choices - 1)(generator())];
}

}  // namespace

std::string random_label() {
    std::string label = "whylink-";
    label += random_character(letters);
    for (int i = 1; i < random_characters; ++i) {
        label += random_character(letters_and_digits.size());
    }
    return label;
}

std::vector<ZoneName> zone_names(std::string_view zone, const std::vector<std::string>& known_labels,
                                 unsigned random_labels) {
    const std::string suffix = "." + std::string(zone);
    std::vector<ZoneName> names;
    names.reserve(known_labels.size() + random_labels + 1);
    for (const auto& label : known_labels) {
        names.push_back({label + suffix, NameRole::known_label});
    }
    for (unsigned i = 0; i < random_labels; ++i) {
        names.push_back({random_label() + suffix, NameRole::random_label});
    }
    if (random_labels > 0) {
        names.push_back({random_label() + "." + random_label() + suffix, NameRole::random_two_labels});
    }
    names.push_back({random_label() + ".invalid.", NameRole::control});
    return names;
}

}  // namespace whylink::probes
