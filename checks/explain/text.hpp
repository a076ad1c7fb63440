// Numbers, times and names as the texts of a verdict show them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/address.hpp"
#include "probes/observation.hpp"

namespace whylink::checks {

/// What is to be said once.
template <class T>
void add_once(std::vector<T>& list, T item) {
    if (std::ranges::find(list, item) == list.end()) {
        list.push_back(std::move(item));
    }
}

/// "0.4 ms", "12 ms", "250 ms", "1.5 s", "345 s": what a person compares needs no more digits.
std::string duration_text(probes::Nanoseconds duration);
/// "3 days", "5 hours", "0 minutes": the largest unit that fits, rounded down; `duration` is not negative.
std::string span_text(std::chrono::seconds duration);
/// "ECONNRESET (104)"; the bare number for what errno(3) does not name.
std::string errno_text(int error);
/// "2026-01-01 00:00:00 UTC"
std::string time_text(probes::WallClock::time_point time);
/// "1 byte", "2 bytes"
std::string count_text(std::uint64_t count, std::string_view noun);
/// "a, b and c"
std::string join(const std::vector<std::string>& parts, std::string_view last = " and ");
/// Of the first `most`: "a, b and 3 more". `further` there are beside the parts.
std::string join_first(std::size_t most, std::vector<std::string> parts, std::size_t further = 0);
std::string addresses_text(const std::vector<IpAddress>& addresses);
/// Adds a part, where there is one; what separates it from what is there already stands between.
void append(std::string& text, std::string_view part, std::string_view separator = "; ");
/// Of a stream: ", 0 bytes received", ", 335 B sent, 14 received, ETIMEDOUT (110)". That an RST is ECONNRESET goes without
/// saying.
std::string stream_text(std::uint64_t sent, std::uint64_t received, int error);
/// Quoted, one line, at most 40 characters, what is not printable as \xNN.
std::string bytes_text(std::string_view bytes);
/// "HTTP", "PostgreSQL", for AppFacts::protocol; what is not known as it stands.
std::string protocol_title(std::string_view protocol);
/// What the server said and its protocol's code, "503 Service Unavailable", printable; may be empty.
std::string reply_text(const probes::AppFacts& facts);
/// "NXDOMAIN"; "RCODE 23" for those without a name (RFC 6895 section 2.3).
std::string rcode_text(int rcode);
/// "ICMP 3/13 (communication administratively prohibited) from 10.0.0.1"
std::string icmp_text(const probes::IcmpError& icmp);
/// "certificate_required (116)", by RFC 8446 section 6 and RFC 5246 section 7.2.
std::string alert_text(std::uint8_t description);

}  // namespace whylink::checks
