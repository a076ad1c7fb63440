#include "control/secrets/secret.hpp"

#include <utility>

#include <string.h>

namespace whylink::control {

void wipe(std::string& text) noexcept {
    // Within its capacity a string does not allocate.
    text.resize(text.capacity());
    ::explicit_bzero(text.data(), text.size());
    text.clear();
}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
    other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        wipe();
        text_ = other.text_;
    }
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        text_ = std::move(other.text_);
        other.wipe();
    }
    return *this;
}

Secret::~Secret() {
    wipe();
}

bool Secret::operator==(const Secret& other) const {
    return text_ == other.text_;
}

void Secret::wipe() noexcept {
    control::wipe(text_);
}

}  // namespace whylink::control
