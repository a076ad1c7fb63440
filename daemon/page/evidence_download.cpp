#include "daemon/page/evidence_download.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <string_view>

#include "config/outside_text.hpp"
#include "daemon/evidence/directory.hpp"
#include "daemon/evidence/evidence_file.hpp"

namespace whylink::daemon::page {
namespace {

/// Of what a client sent, in an answer.
constexpr std::size_t max_quoted = 100;

/// Closed where there is no such regular file. A link is not followed, and a pipe not waited for.
Descriptor open_file(const std::string& directory, const std::string& name, struct stat& state) {
    const OpenedDirectory opened = open_directory(directory);
    if (!opened.fd.open()) {
        return Descriptor();
    }
    Descriptor file(openat(opened.fd.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    const bool regular = file.open() && fstat(file.get(), &state) == 0 && S_ISREG(state.st_mode);
    return regular ? std::move(file) : Descriptor();
}

/// Nothing on an error.
std::optional<std::string> read_all(int file, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t used = 0;
    while (used < size) {
        const ssize_t got = read(file, bytes.data() + used, size - used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return std::nullopt;
        }
        used += static_cast<std::size_t>(got);
    }
    return bytes;
}

}  // namespace

http::Response evidence_download(const std::string& directory, const std::string& name) {
    struct stat state {};
    const Descriptor file = is_evidence_name(name) ? open_file(directory, name, state) : Descriptor();
    if (!file.open()) {
        return http::plain(404, fmt::format("there is no evidence file \"{}\"", shortened(name, max_quoted)));
    }
    if (static_cast<std::uint64_t>(state.st_size) > max_download) {
        return http::plain(
            413, fmt::format("{} is larger than {} MiB; copy it from the host", name, max_download >> 20U));
    }
    std::optional<std::string> bytes = read_all(file.get(), static_cast<std::size_t>(state.st_size));
    if (!bytes) {
        return http::plain(500, name + " cannot be read");
    }
    http::Response response;
    response.content_type = "application/vnd.tcpdump.pcap";
    response.body = std::move(*bytes);
    response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
    return response;
}

}  // namespace whylink::daemon::page
