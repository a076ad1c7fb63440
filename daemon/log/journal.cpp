#include "daemon/log/journal.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "config/outside_text.hpp"

namespace whylink::daemon {
namespace {

/// A name of a target has at most 200 bytes.
constexpr std::size_t max_value = 256;

struct Row {
    std::string_view key;  ///< of the record
    std::string_view field;
};

constexpr std::array<Row, 8> rows{{
    {"name", "WHYLINK_TARGET"},
    {"kind", "WHYLINK_KIND"},
    {"cause", "WHYLINK_CAUSE"},
    {"severity", "WHYLINK_SEVERITY"},
    {"confidence", "WHYLINK_CONFIDENCE"},
    {"healthy", "WHYLINK_HEALTHY"},
    {"was_cause", "WHYLINK_WAS_CAUSE"},
    {"was_healthy", "WHYLINK_WAS_HEALTHY"},
}};

/// Of a scalar; nobody selects by a list.
std::optional<std::string> text_of(const Record::Value& value) {
    return std::visit(
        [](const auto& one) -> std::optional<std::string> {
            using T = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<T, std::string>) {
                return outside_text(one, max_value);
            } else if constexpr (std::is_arithmetic_v<T>) {
                return fmt::format("{}", one);
            } else {
                return std::nullopt;
            }
        },
        value);
}

}  // namespace

std::string journal_fields(const Record& record) {
    std::string fields = fmt::format("WHYLINK_EVENT={}\n", record.event);
    for (const auto& [key, value] : record.fields) {
        const auto row = std::ranges::find(rows, key, &Row::key);
        const auto text = row == rows.end() ? std::nullopt : text_of(value);
        if (text) {
            fields += fmt::format("{}={}\n", row->field, *text);
        }
    }
    return fields;
}

std::string journal_entry(std::string_view line, std::string_view fields) {
    constexpr std::size_t mark_size = 3;
    return fmt::format("MESSAGE={}\nPRIORITY={}\nSYSLOG_IDENTIFIER=whylink\n{}", line.substr(mark_size),
                       line[1], fields);
}

JournalSocket::JournalSocket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        fd_ = fd;
    } else if (fd >= 0) {
        ::close(fd);
    }
}

JournalSocket::~JournalSocket() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

JournalSocket::Sent JournalSocket::send(std::string_view entry) const {
    while (true) {
        if (::send(fd_, entry.data(), entry.size(), MSG_NOSIGNAL) >= 0) {
            return Sent::yes;
        }
        if (errno == EAGAIN || errno == ENOBUFS) {
            return Sent::later;
        }
        if (errno != EINTR) {
            return Sent::no;
        }
    }
}

}  // namespace whylink::daemon
