#include "daemon/bundle/archive.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <numeric>

#include "daemon/http/gzip.hpp"

namespace whylink::daemon {
namespace {

std::string sha256(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    // Only memory can be wanting.
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
        throw std::bad_alloc();
    }
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        text += fmt::format("{:02x}", digest.at(i));
    }
    return text;
}

// ---- pax(1), "ustar Interchange Format" ----

constexpr std::size_t block_size = 512;
constexpr std::size_t max_plain_name = 100;
constexpr char regular_file = '0';
constexpr char extended_header = 'x';

class Header {
  public:
    Header(std::string_view name, std::size_t size, std::int64_t time, char type) {
        put(0, name.substr(0, max_plain_name));
        put(100, "0000600");  // mode, user and group
        put(108, "0000000");
        put(116, "0000000");
        put(124, fmt::format("{:011o}", size));
        put(136, fmt::format("{:011o}", time));
        put(156, std::string_view(&type, 1));
        put(257, "ustar");
        put(263, "00");
        put(265, "root");
        put(297, "root");
        put(148, fmt::format("{:06o}", checksum()));
    }
    std::string_view bytes() const { return {block_.data(), block_.size()}; }

  private:
    void put(std::size_t at, std::string_view text) {
        std::ranges::copy(text, block_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    /// Counted as if its own field were blank.
    unsigned checksum() {
        std::fill_n(block_.begin() + 148, 8, ' ');
        const unsigned sum = std::accumulate(
            block_.begin(), block_.end(), 0U,
            [](unsigned before, char character) { return before + static_cast<unsigned char>(character); });
        std::fill_n(block_.begin() + 148, 7, '\0');
        return sum;
    }
    std::array<char, block_size> block_{};
};

/// "LENGTH path=NAME\n", where LENGTH counts its own digits.
std::string path_record(const std::string& name) {
    const std::string rest = fmt::format(" path={}\n", name);
    std::size_t length = rest.size();
    while (length != rest.size() + std::to_string(length).size()) {
        length = rest.size() + std::to_string(length).size();
    }
    return std::to_string(length) + rest;
}

void add_entry(http::Gzip& out, const Header& header, std::string_view bytes) {
    out.add(header.bytes());
    out.add(bytes);
    const std::string padding((block_size - bytes.size() % block_size) % block_size, '\0');
    out.add(padding);
}

}  // namespace

std::string manifest_of(std::span<const BundleFile> files) {
    std::string text;
    for (const BundleFile& file : files) {
        text += fmt::format("{} {} {}\n", sha256(file.bytes), file.bytes.size(), file.name);
    }
    return text;
}

std::string tar_gz(std::string_view folder, std::span<const BundleFile> files,
                   std::chrono::system_clock::time_point made) {
    const auto time = std::max<std::int64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(made.time_since_epoch()).count(), 0);
    http::Gzip out;
    for (const BundleFile& file : files) {
        const std::string name = fmt::format("{}/{}", folder, file.name);
        if (name.size() > max_plain_name) {
            const std::string record = path_record(name);
            add_entry(out, Header("pax", record.size(), time, extended_header), record);
        }
        add_entry(out, Header(name, file.bytes.size(), time, regular_file), file.bytes);
    }
    out.add(std::string(2 * block_size, '\0'));
    return out.finish();
}

}  // namespace whylink::daemon
