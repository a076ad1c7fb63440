#include "checks/texts/read.hpp"

#include <algorithm>
#include <stdexcept>

namespace whylink::checks {
namespace {

const std::string& text_in(const config::Value& value, std::string_view place, std::string_view key) {
    const auto* text = std::get_if<std::string>(&value.data);
    if (text == nullptr || text->empty()) {
        refuse_text(place, std::string(key) + " must be a text; found " + config::found_text(value));
    }
    return *text;
}

}  // namespace

void refuse_text(std::string_view place, std::string_view what) {
    throw std::logic_error(std::string(place) + ": " + std::string(what));
}

config::Table parse_texts(const config::EmbeddedToml& file) {
    auto document = config::parse_document(file.toml);
    if (const auto* error = std::get_if<config::SyntaxError>(&document)) {
        refuse_text(std::string(file.name) + ".toml, line " + std::to_string(error->at.line), error->what);
    }
    return std::get<config::Table>(std::move(document));
}

const config::Value* TextTable::take(std::string_view key) {
    const config::Member* member = config::find(table_, key);
    if (member == nullptr) {
        return nullptr;
    }
    taken_.push_back(member->key);
    return &member->value;
}

std::string TextTable::text(std::string_view key) {
    std::string text = optional_text(key);
    if (text.empty()) {
        refuse_text(place_, "there is no " + std::string(key));
    }
    return text;
}

std::string TextTable::optional_text(std::string_view key) {
    const config::Value* value = take(key);
    return value == nullptr ? std::string() : text_in(*value, place_, key);
}

std::vector<std::string> TextTable::list(std::string_view key) {
    const config::Value* value = take(key);
    if (value == nullptr) {
        return {};
    }
    const auto* entries = std::get_if<config::Array>(&value->data);
    if (entries == nullptr) {
        refuse_text(place_, std::string(key) + " must be an array; found " + config::found_text(*value));
    }
    std::vector<std::string> texts;
    for (const config::Value& entry : *entries) {
        texts.push_back(text_in(entry, place_, key));
    }
    return texts;
}

bool TextTable::flag(std::string_view key) {
    const config::Value* value = take(key);
    if (value == nullptr) {
        return false;
    }
    const bool* flag = value->as<bool>();
    if (flag == nullptr) {
        refuse_text(place_, std::string(key) + " must be true or false; found " + config::found_text(*value));
    }
    return *flag;
}

void TextTable::end() const {
    const auto unknown = std::ranges::find_if(table_, [this](const config::Member& member) {
        return std::ranges::find(taken_, member.key) == taken_.end();
    });
    if (unknown != table_.end()) {
        refuse_text(place_, "unknown key " + unknown->key);
    }
}

}  // namespace whylink::checks
