// DNS messages as bytes, good and broken ones, for the tests of the DNS probe.
#pragma once

#include <arpa/nameser.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "probes/dns/message.hpp"
#include "tests/unit/probes/ip.hpp"

namespace whylink::probes::testing {

using Bytes = std::basic_string<std::uint8_t>;

inline Bytes bytes_16(unsigned value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

inline Bytes bytes_32(std::uint32_t value) {
    return bytes_16(value >> 16) + bytes_16(value & 0xffffU);
}

/// Labels, uncompressed; "" or "." is the root.
inline Bytes wire_name(std::string_view name) {
    Bytes wire;
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        name.remove_prefix(label.size() == name.size() ? label.size() : label.size() + 1);
        if (!label.empty()) {
            wire += static_cast<std::uint8_t>(label.size());
            wire.append(label.begin(), label.end());
        }
    }
    wire += std::uint8_t{0};
    return wire;
}

/// An extended error as an option of the OPT record (RFC 8914 section 2).
inline Bytes extended_error(unsigned code, std::string_view text) {
    return bytes_16(15) + bytes_16(static_cast<unsigned>(2 + text.size())) + bytes_16(code) +
           Bytes(text.begin(), text.end());
}

/// A pointer to a place in the message (RFC 1035 section 4.1.4).
inline Bytes pointer_to(std::size_t at) {
    return bytes_16(0xc000U | static_cast<unsigned>(at));
}

/// Builds a reply record by record.
class Reply {
  public:
    Reply(std::uint16_t id, std::string_view name, unsigned type) : id_(id) {
        question_ = wire_name(name) + bytes_16(type) + bytes_16(ns_c_in);
    }
    Reply(std::uint16_t id, std::string_view name, RecordType type) : Reply(id, name, wire_type(type)) {}

    Reply& flags(unsigned value) {
        flags_ = value;
        return *this;
    }
    Reply& rcode(unsigned value) { return flags((flags_ & ~0xfU) | value); }
    Reply& truncated() { return flags(flags_ | 0x0200U); }
    Reply& id(std::uint16_t value) {
        id_ = value;
        return *this;
    }
    Reply& no_question() {
        questions_ = 0;
        question_.clear();
        return *this;
    }
    Reply& questions(unsigned count) {
        questions_ = count;
        return *this;
    }
    /// Any record of the answer section; `owner` is on the wire as given.
    Reply& record(const Bytes& owner, unsigned type, const Bytes& data, std::uint32_t ttl = 300) {
        ++answers_;
        records_ += owner + bytes_16(type) + bytes_16(ns_c_in) + bytes_32(ttl) +
                    bytes_16(static_cast<unsigned>(data.size())) + data;
        return *this;
    }
    Reply& address(std::string_view owner, const IpAddress& address, std::uint32_t ttl = 300) {
        const auto data = address.bytes();
        return record(wire_name(owner), address.is_v4() ? ns_t_a : ns_t_aaaa, {data.begin(), data.end()},
                      ttl);
    }
    /// The owner is the question's name, by a pointer, as servers write it.
    Reply& address(const IpAddress& address, std::uint32_t ttl = 300) {
        const auto data = address.bytes();
        return record(pointer_to(NS_HFIXEDSZ), address.is_v4() ? ns_t_a : ns_t_aaaa,
                      {data.begin(), data.end()}, ttl);
    }
    Reply& cname(std::string_view owner, std::string_view target) {
        return record(wire_name(owner), ns_t_cname, wire_name(target));
    }
    /// Any record of the authority section.
    Reply& authority(std::string_view owner, unsigned type, const Bytes& data, std::uint32_t ttl = 300) {
        ++authorities_;
        authority_ += wire_name(owner) + bytes_16(type) + bytes_16(ns_c_in) + bytes_32(ttl) +
                      bytes_16(static_cast<unsigned>(data.size())) + data;
        return *this;
    }
    Reply& soa(std::string_view owner, std::string_view server, std::uint32_t minimum,
               std::uint32_t ttl = 300) {
        return authority(owner, ns_t_soa,
                         wire_name(server) + wire_name("hostmaster.example") + bytes_32(1) + bytes_32(3600) +
                             bytes_32(300) + bytes_32(2419200) + bytes_32(minimum),
                         ttl);
    }
    Reply& srv(std::string_view owner, unsigned port, std::string_view target) {
        return record(wire_name(owner), ns_t_srv,
                      bytes_16(1) + bytes_16(2) + bytes_16(port) + wire_name(target));
    }
    /// Any record of the additional section; `owner` is on the wire as given.
    Reply& additional(const Bytes& owner, unsigned type, const Bytes& data) {
        ++additionals_;
        additional_ += owner + bytes_16(type) + bytes_16(ns_c_in) + bytes_32(300) +
                       bytes_16(static_cast<unsigned>(data.size())) + data;
        return *this;
    }
    /// With `options` as they go on the wire (RFC 6891 section 6.1.2).
    Reply& opt(unsigned extended_rcode = 0, const Bytes& options = {}) {
        ++additionals_;
        additional_ += wire_name("") + bytes_16(ns_t_opt) + bytes_16(1232) + bytes_32(extended_rcode << 24) +
                       bytes_16(static_cast<unsigned>(options.size())) + options;
        return *this;
    }

    Bytes bytes() const {
        return bytes_16(id_) + bytes_16(flags_) + bytes_16(questions_) + bytes_16(answers_) +
               bytes_16(authorities_) + bytes_16(additionals_) + question_ + records_ + authority_ +
               additional_;
    }

  private:
    std::uint16_t id_;
    unsigned flags_ = 0x8180;  // QR, RD, RA
    unsigned questions_ = 1;
    unsigned answers_ = 0;
    unsigned authorities_ = 0;
    unsigned additionals_ = 0;
    Bytes question_;
    Bytes records_;
    Bytes authority_;
    Bytes additional_;
};

}  // namespace whylink::probes::testing
