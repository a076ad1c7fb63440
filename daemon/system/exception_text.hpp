// What an exception says, whatever it is.
#pragma once

#include <exception>
#include <string>

namespace whylink::daemon {

/// `thrown` is not null.
inline std::string exception_text(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown exception";
    }
}

}  // namespace whylink::daemon
