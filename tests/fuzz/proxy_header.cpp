// Any first payload is read or not without a crash; what is cut off never says more than the whole, and a
// whole header is not changed by what follows it.
#include "probes/packets/proxy_header.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace whylink::probes;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(const ProxyHeader& header) {
    require(header.version == 1 || header.version == 2);
    require(!header.destination || header.source);
    require(!header.destination || header.destination->is_v4() == header.source->is_v4());
    require(header.source_port == 0 || header.destination);
    require(!header.local || (header.version == 2 && !header.source));
    for (const char character : header.aws_endpoint_id) {
        require(character > ' ' && character < 0x7f);
    }
}

/// What a cut left of the one is what the other says.
template <typename Value>
bool no_more_than(const std::optional<Value>& part, const std::optional<Value>& whole) {
    return !part || part == whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of exactly this size, so that the sanitizer sees a byte read behind it.
    std::vector<std::uint8_t> payload(data, data + size);
    const auto whole = read_proxy_header(payload);
    require(!whole || !too_short_for_proxy_header(payload));
    if (!whole) {
        return 0;
    }
    check(*whole);
    if (!whole->truncated) {
        std::vector<std::uint8_t> longer = payload;
        longer.push_back('x');
        require(read_proxy_header(longer) == whole);
    }
    payload.resize(size / 2);
    payload.shrink_to_fit();
    const auto part = read_proxy_header(payload);
    // Of a valid header every beginning is one, as soon as the signature is there.
    require(part || payload.size() < 12);
    if (part) {
        check(*part);
        require(no_more_than(part->source, whole->source));
        require(no_more_than(part->destination, whole->destination));
        require(!part->azure_link_id || whole->azure_link_id);
        require(!part->gcp_connection_id || whole->gcp_connection_id);
    }
    return 0;
}
