// A set of an enum's values: a few words of bits, so that data can be written with it at compile time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace whylink {

/// Of an enum with at most `Capacity` values, numbered from 0 without a gap.
template <class E, std::size_t Capacity>
class EnumSet {
  public:
    static constexpr std::size_t capacity = Capacity;

    constexpr EnumSet() = default;
    constexpr EnumSet(std::initializer_list<E> values) {
        for (E value : values) {
            insert(value);
        }
    }

    constexpr void insert(E value) { words_[word(value)] |= bit(value); }
    constexpr void erase(E value) { words_[word(value)] &= ~bit(value); }
    constexpr void insert_all(EnumSet other) {
        for (std::size_t i = 0; i < words; ++i) {
            words_[i] |= other.words_[i];
        }
    }
    constexpr void erase_all(EnumSet other) {
        for (std::size_t i = 0; i < words; ++i) {
            words_[i] &= ~other.words_[i];
        }
    }
    constexpr void insert_if(bool holds, E value) { words_[word(value)] |= holds ? bit(value) : 0; }
    constexpr bool contains(E value) const { return (words_[word(value)] & bit(value)) != 0; }
    constexpr bool contains_all(EnumSet other) const { return intersection(other) == other; }
    constexpr bool intersects(EnumSet other) const { return !intersection(other).empty(); }
    constexpr EnumSet intersection(EnumSet other) const {
        for (std::size_t i = 0; i < words; ++i) {
            other.words_[i] &= words_[i];
        }
        return other;
    }
    constexpr bool empty() const { return *this == EnumSet(); }
    constexpr bool operator==(const EnumSet&) const = default;

  private:
    static constexpr std::size_t word_bits = 64;
    static constexpr std::size_t words = (Capacity + word_bits - 1) / word_bits;
    static constexpr std::size_t word(E value) { return static_cast<std::size_t>(value) / word_bits; }
    static constexpr std::uint64_t bit(E value) {
        return std::uint64_t{1} << (static_cast<std::size_t>(value) % word_bits);
    }
    std::array<std::uint64_t, words> words_{};
};

}  // namespace whylink
