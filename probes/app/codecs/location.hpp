// Where a redirect leads.
#pragma once

#include <optional>
#include <string_view>

#include "probes/app/codecs/codec.hpp"
#include "probes/observation.hpp"

namespace whylink::probes {

/// The host and port of an absolute `http` or `https` reference, or of one that begins with "//" (RFC 3986 section
/// 4.2), where they are not those of the request itself. Nothing for a path, for another scheme, and for what cannot
/// be read.
std::optional<Referral> referral_of(std::string_view location, const AppRequest& request);

/// "host:port", "[2001:db8::1]:port", or a host alone, which has `usual_port`; nothing where there is no host, it has
/// more than 255 bytes, or the port is none.
std::optional<Referral> referral_to(ReferralKind kind, std::string_view host_and_port,
                                    std::uint16_t usual_port);

}  // namespace whylink::probes
