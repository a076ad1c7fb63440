// The words of an enumeration: one table beside each enum, from which the config, the reports, the metrics
// and the log take its slugs and titles.
//
//     enum class Family { any, ipv4, ipv6 };
//     consteval auto vocabulary(Family) {
//         return terms<Family>({{Family::any, "any"}, {Family::ipv4, "ipv4"}, {Family::ipv6, "ipv6"}});
//     }
//
// A table that leaves out an enumerator, or has them in another order, does not compile.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace whylink {

template <class E>
struct Term {
    E value;
    std::string_view slug;        ///< for programs: stable, unique within the enum
    std::string_view title = {};  ///< for people, where the slug does not say it
};

namespace detail {

/// "any" of Family::any, which the compiler writes in the name of the function; where there is no enumerator it
/// writes a cast, "(Family)3".
template <class E, E value>
consteval std::string_view name_of() {
    const std::string_view function = __PRETTY_FUNCTION__;
    const std::string_view written = function.substr(function.rfind("value = "));
    const std::string_view name = written.substr(0, written.find_first_of(";]"));
    return name.substr(name.rfind(':') + 1);
}

template <class E, E value>
consteval bool is_enumerator() {
    return name_of<E, value>().find(')') == std::string_view::npos;
}

template <class E, std::size_t N = 0>
consteval std::size_t count_enumerators() {
    if constexpr (is_enumerator<E, static_cast<E>(N)>()) {
        return count_enumerators<E, N + 1>();
    } else {
        return N;
    }
}

template <class E, std::size_t... I>
consteval auto terms_by_name(std::index_sequence<I...>) {
    // Deducing the type would compare all elements in one expression, which clang bounds at 256.
    return std::array<Term<E>, sizeof...(I)>{Term<E>{static_cast<E>(I), name_of<E, static_cast<E>(I)>()}...};
}

}  // namespace detail

/// For vocabulary(): the table, checked against the enum.
template <class E, std::size_t N>
consteval std::array<Term<E>, N> terms(const Term<E> (&rows)[N]) {
    static_assert(!detail::is_enumerator<E, static_cast<E>(N)>(), "an enumerator has no term");
    static_assert(detail::is_enumerator<E, static_cast<E>(N - 1)>(), "a term has no enumerator");
    std::array<Term<E>, N> table{};
    for (std::size_t i = 0; i < N; ++i) {
        if (rows[i].value != static_cast<E>(i)) {
            throw "the terms are not in the order of the enumerators";
        }
        table[i] = rows[i];
    }
    return table;
}

/// For the vocabulary() of an enum that only its developers read: every slug is the enumerator's own name.
template <class E>
consteval auto terms_by_name() {
    return detail::terms_by_name<E>(std::make_index_sequence<detail::count_enumerators<E>()>());
}

/// An enum with a vocabulary() beside it.
template <class E>
concept Vocabulary = std::is_enum_v<E> && requires {
    vocabulary(E{});
};

template <Vocabulary E>
inline constexpr auto terms_of = vocabulary(E{});

/// How many values the enum has.
template <Vocabulary E>
inline constexpr std::size_t count_of = terms_of<E>.size();

/// `value` is one of the enumerators.
template <Vocabulary E>
constexpr std::string_view slug(E value) {
    return terms_of<E>[static_cast<std::size_t>(value)].slug;
}

/// As slug(); empty where the table has none.
template <Vocabulary E>
constexpr std::string_view title(E value) {
    return terms_of<E>[static_cast<std::size_t>(value)].title;
}

/// None for a word that is no slug of the enum.
template <Vocabulary E>
constexpr std::optional<E> from_slug(std::string_view slug) {
    const auto found = std::ranges::find(terms_of<E>, slug, &Term<E>::slug);
    return found == terms_of<E>.end() ? std::nullopt : std::optional<E>(found->value);
}

namespace detail {

template <Vocabulary E>
consteval std::array<std::string_view, count_of<E>> slugs() {
    std::array<std::string_view, count_of<E>> all{};
    std::ranges::transform(terms_of<E>, all.begin(), &Term<E>::slug);
    return all;
}

}  // namespace detail

/// Every slug, in the order of the enumerators.
template <Vocabulary E>
inline constexpr std::array<std::string_view, count_of<E>> slugs_of = detail::slugs<E>();

}  // namespace whylink
