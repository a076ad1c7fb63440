// Any first bytes of a server.
#include <cstddef>
#include <cstdint>
#include <string>

#include "config/first_bytes.hpp"

using namespace whylink;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of exactly this size, so that the sanitizer sees a byte read behind it.
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(config::row_of(bytes));
    static_cast<void>(config::counts_early_ends(bytes));
    return 0;
}
