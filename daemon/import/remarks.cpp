#include "daemon/import/remarks.hpp"

#include <fmt/format.h>

#include "config/ascii.hpp"
#include "config/document.hpp"

namespace whylink::daemon::imports {
namespace {

std::string_view kind_text(yaml::Node::Kind kind) {
    switch (kind) {
        case yaml::Node::Kind::scalar:
            return "a scalar";
        case yaml::Node::Kind::list:
            return "a list";
        case yaml::Node::Kind::map:
            return "a map";
        case yaml::Node::Kind::null:
            break;
    }
    return "empty";
}

}  // namespace

const yaml::Node* member(const yaml::Node& map, std::string_view key, yaml::Node::Kind kind,
                         Remarks& remarks) {
    const yaml::Node* found = map.find(key);
    if (found == nullptr || found->kind == yaml::Node::Kind::null) {
        return nullptr;
    }
    if (found->kind != kind) {
        remarks.error(*found, fmt::format("{} must be {}; found {}", config::toml_string(key),
                                          kind_text(kind), kind_text(found->kind)));
        return nullptr;
    }
    return found;
}

std::string text_of(const yaml::Node& map, std::string_view key, Remarks& remarks) {
    const yaml::Node* found = member(map, key, yaml::Node::Kind::scalar, remarks);
    return found == nullptr ? std::string() : found->scalar;
}

bool switch_of(const yaml::Node& map, std::string_view key, bool fallback, Remarks& remarks) {
    const yaml::Node* found = member(map, key, yaml::Node::Kind::scalar, remarks);
    if (found == nullptr) {
        return fallback;
    }
    const std::string word = lower_case(found->scalar);
    if (word != "true" && word != "false") {
        remarks.error(*found, fmt::format("{} must be true or false; found {}", config::toml_string(key),
                                          config::toml_string(found->scalar)));
        return fallback;
    }
    return word == "true";
}

}  // namespace whylink::daemon::imports
