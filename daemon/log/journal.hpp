// systemd's journal by its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): an entry is a datagram of fields, by which
// journalctl(1) selects.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/log/record.hpp"

namespace whylink::daemon {

inline constexpr auto journal_socket_path = "/run/systemd/journal/socket";

/// What a reader selects by: WHYLINK_EVENT, WHYLINK_TARGET, WHYLINK_CAUSE and the like, each with its line feed. Pure.
std::string journal_fields(const Record& record);

/// The entry for one line in the style of the journal: "<N>TEXT". Pure.
std::string journal_entry(std::string_view line, std::string_view fields);

class JournalSocket {
  public:
    /// Not connected where nobody listens at the path.
    explicit JournalSocket(const std::string& path);
    ~JournalSocket();
    JournalSocket(const JournalSocket&) = delete;
    JournalSocket& operator=(const JournalSocket&) = delete;

    bool connected() const { return fd_ >= 0; }
    /// For poll(2).
    int descriptor() const { return fd_; }

    enum class Sent : std::uint8_t { yes, later, no };
    /// Does not block. `later`: there is no room at the moment.
    Sent send(std::string_view entry) const;

  private:
    int fd_ = -1;
};

}  // namespace whylink::daemon
