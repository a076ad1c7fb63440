#include "daemon/http/socket_owner.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "config/ascii.hpp"

namespace whylink::daemon::http {
namespace {

struct Row {
    IpAddress address;
    std::uint16_t port = 0;
    std::string_view state;
    uid_t owner = 0;
};

template <class Number>
std::optional<Number> parse_hex(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Each 32 bits are printed as a number of this host's byte order.
std::optional<IpAddress> parse_address(std::string_view digits) {
    constexpr std::size_t word_digits = 8;
    std::vector<std::uint8_t> bytes;
    for (; digits.size() >= word_digits; digits.remove_prefix(word_digits)) {
        const auto word = parse_hex<std::uint32_t>(digits.substr(0, word_digits));
        if (!word) {
            return std::nullopt;
        }
        std::array<std::uint8_t, sizeof(std::uint32_t)> part{};
        std::memcpy(part.data(), &*word, part.size());
        bytes.insert(bytes.end(), part.begin(), part.end());
    }
    return IpAddress::from_bytes(bytes);
}

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> result;
    while (!line.empty()) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        const std::string_view word = line.substr(0, line.find(' '));
        line.remove_prefix(word.size());
        if (!word.empty()) {
            result.push_back(word);
        }
    }
    return result;
}

std::optional<Row> parse_row(std::string_view line) {
    constexpr std::size_t local = 1;
    constexpr std::size_t state = 3;
    constexpr std::size_t owner = 7;
    const std::vector<std::string_view> fields = words(line);
    if (fields.size() <= owner) {
        return std::nullopt;
    }
    const std::size_t colon = fields[local].find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto address = parse_address(fields[local].substr(0, colon));
    const auto port = parse_hex<std::uint16_t>(fields[local].substr(colon + 1));
    const auto uid = parse_number<uid_t>(fields[owner]);
    if (!address || !port || !uid) {
        return std::nullopt;
    }
    return Row{*address, *port, fields[state], *uid};
}

bool is_loopback(const IpAddress& address) {
    const IpAddress inside = address.embedded_v4().value_or(address);
    return inside.is_v4() ? inside.bytes().front() == 127 : inside == IpAddress::parse("::1");
}

/// An address of its own before one of all: that is whom the kernel gives the connection to.
class Owners {
  public:
    Owners(const IpAddress& address, std::uint16_t port)
        : address_(address.embedded_v4().value_or(address)), port_(port) {}

    void add(std::string_view table) {
        while (!table.empty()) {
            const std::string_view line = table.substr(0, table.find('\n'));
            table.remove_prefix(std::min(line.size() + 1, table.size()));
            const auto row = parse_row(line);
            if (row && row->state == listening && row->port == port_) {
                add(*row);
            }
        }
    }

    const std::vector<uid_t>& found() const { return exact_.empty() ? of_all_ : exact_; }

  private:
    static constexpr std::string_view listening = "0A";

    void add(const Row& row) {
        const IpAddress at = row.address.embedded_v4().value_or(row.address);
        if (at == address_) {
            exact_.push_back(row.owner);
        } else if (row.address == IpAddress::parse("::") || (at == IpAddress() && address_.is_v4())) {
            of_all_.push_back(row.owner);
        }
    }

    IpAddress address_;
    std::uint16_t port_;
    std::vector<uid_t> exact_;
    std::vector<uid_t> of_all_;
};

std::string text_of(const char* file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

}  // namespace

std::optional<uid_t> listener_owner_in(std::string_view tcp, std::string_view tcp6, const IpAddress& address,
                                       std::uint16_t port, std::initializer_list<uid_t> trusted) {
    if (!is_loopback(address)) {
        return std::nullopt;
    }
    Owners owners(address, port);
    owners.add(tcp);
    owners.add(tcp6);
    const std::vector<uid_t>& found = owners.found();
    if (found.empty()) {
        return std::nullopt;
    }
    const auto stranger = std::ranges::find_if(
        found, [&trusted](uid_t owner) { return std::ranges::find(trusted, owner) == trusted.end(); });
    return stranger == found.end() ? found.front() : *stranger;
}

std::optional<uid_t> listener_owner(const IpAddress& address, std::uint16_t port,
                                    std::initializer_list<uid_t> trusted) {
    return listener_owner_in(text_of("/proc/net/tcp"), text_of("/proc/net/tcp6"), address, port, trusted);
}

}  // namespace whylink::daemon::http
