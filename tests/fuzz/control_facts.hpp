// What holds for everything that parsers of accounts make, whatever a provider sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "checks/control/facts.hpp"
#include "config/outside_text.hpp"
#include "control/http/caller.hpp"
#include "control/page.hpp"
#include "control/protocol/json.hpp"
#include "require.hpp"

namespace whylink::fuzz {

/// Puts the items of a page behind `facts`.
template <class T>
void add(std::vector<T>& facts, control::Parsed<T> page) {
    constexpr std::size_t max_page = 10'000;
    if (page) {
        require(page->items.size() <= max_page);
        facts.insert(facts.end(), std::make_move_iterator(page->items.begin()),
                     std::make_move_iterator(page->items.end()));
    }
}

/// The same of a list within a fact.
template <class Fact, class T>
void add(std::vector<Fact>& facts, control::Listed<T> Fact::*list, control::Parsed<T> page) {
    if (page && !page->items.empty()) {
        add((facts.emplace_back().*list).items, std::move(page));
    }
}

/// Bounded, and nothing in it that a terminal or a log minds.
inline void require_fit(const std::string& text) {
    // Two texts from outside at most, with what is said around them.
    require(text.size() <= 3 * max_outside_text);
    require(text == printable(text));
}

/// Every text within it.
inline void require_all_fit(const nlohmann::json& value) {
    if (value.is_string()) {
        require_fit(value.get_ref<const std::string&>());
    }
    if (value.is_structured()) {
        for (const nlohmann::json& inner : value) {
            require_all_fit(inner);
        }
    }
}

/// The daemon gets what was read, unchanged.
inline void require_carried(control::Readings readings) {
    if (readings == control::Readings{}) {
        return;
    }
    control::ReadAnswer answer;
    answer.readings = std::move(readings);
    const std::string line = control::to_line(control::Answer(answer));
    require(line.find('\n') == std::string::npos);
    const auto again = control::parse_answer(line);
    require(std::holds_alternative<control::Answer>(again));
    require(std::get<control::Answer>(again) == control::Answer(answer));
    require_all_fit(nlohmann::json::parse(line));
}

/// What a status means with this body is said in bounded words.
template <class Classify>
void check_errors(std::string_view body, const Classify& classify) {
    for (const int status : {400, 401, 403}) {
        control::HttpResponse response;
        response.status = status;
        response.body = body;
        const control::Reply reply = classify(response);
        require_fit(reply.detail);
        require_fit(reply.code);
    }
}

/// A body as the answer that `add_facts` reads, and as the error that `classify` reads.
template <class AddFacts, class Classify>
void check_answer(const std::uint8_t* data, std::size_t size, const AddFacts& add_facts,
                  const Classify& classify) {
    const std::string body(data, data + size);
    control::Readings readings;
    add_facts(body, readings);
    check_errors(body, classify);
    require_carried(std::move(readings));
}

}  // namespace whylink::fuzz
