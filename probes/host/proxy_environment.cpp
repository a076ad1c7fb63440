#include "probes/host/proxy_environment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "config/outside_text.hpp"

namespace whylink::probes {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file_size = std::size_t{256} << 10;
constexpr std::size_t max_files = 64;
constexpr std::size_t max_settings = 64;
// A list of exceptions that is cut would except too little, so one that is longer is left out.
constexpr std::size_t max_value_size = 16384;

// The last four name a script that chooses the proxy (PAC): in the environment, and in NetworkManager's connections.
constexpr std::array<std::string_view, 8> known_variables{
    "https_proxy", "http_proxy", "all_proxy", "no_proxy", "auto_proxy", "pac_url", "pac-url", "pac-script"};

std::string small_letters(std::string_view text) {
    std::string small(text);
    std::ranges::transform(small, small.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return small;
}

bool is_proxy_variable(std::string_view name) {
    return std::ranges::find(known_variables, small_letters(name)) != known_variables.end();
}

bool is_harmless(std::string_view value) {
    return value.size() <= max_value_size && printable(value) == value;
}

void add(std::vector<ProxySetting>& settings, std::string_view name, std::string_view value,
         const std::string& from) {
    if (!is_proxy_variable(name) || !is_harmless(value) || settings.size() == max_settings) {
        return;
    }
    if (name == "pac-script") {
        // The script itself, on one line.
        value = "(a script of the connection itself)";
    }
    const bool is_list = small_letters(name) == "no_proxy";
    // A proxy's URL that is longer than this is none.
    settings.push_back(
        {std::string(name), is_list ? std::string(value) : outside_text(without_credentials(value)), from});
}

// ---- files ----

class FileDescriptor {
  public:
    // A pipe or a device must not make anybody wait.
    explicit FileDescriptor(const fs::path& file)
        : fd_(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~FileDescriptor() {
        if (fd_ != -1) {
            close(fd_);
        }
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

/// Empty for what is no regular file, cannot be read or is larger than it may be.
std::string text_of(const fs::path& file) {
    const FileDescriptor fd(file);
    struct stat status {};
    if (fd.get() == -1 || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return {};
    }
    std::string text;
    std::array<char, 8192> block{};
    for (;;) {
        const ssize_t size = read(fd.get(), block.data(), block.size());
        if (size < 0 || text.size() > max_file_size) {
            return {};
        }
        if (size == 0) {
            return text;
        }
        text.append(block.data(), static_cast<std::size_t>(size));
    }
}

/// In the order of their names, as the shell and systemd read them.
std::vector<fs::path> files_in(const fs::path& directory, bool (*is_wanted)(const std::string& name)) {
    std::vector<fs::path> files;
    std::error_code error;
    std::size_t seen = 0;
    for (fs::directory_iterator entry(directory, error);
         !error && entry != fs::directory_iterator{} && seen < 4096; entry.increment(error), ++seen) {
        if (is_wanted(entry->path().filename().string())) {
            files.push_back(entry->path());
        }
    }
    std::ranges::sort(files);
    if (files.size() > max_files) {
        files.resize(max_files);
    }
    return files;
}

// ---- lines ----

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const std::size_t first = text.find_first_not_of(blank);
    const std::size_t last = text.find_last_not_of(blank);
    return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

template <class Take>
void for_each_line(std::string_view text, Take take) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        take(trimmed(text.substr(0, end)));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

/// The next word of a line: up to a blank or one of `ends` that no quote holds together, without its quotes.
struct Word {
    std::string text;
    std::string_view rest;
};

Word next_word(std::string_view line, std::string_view ends) {
    Word word;
    char quote = 0;
    std::size_t at = 0;
    for (; at < line.size(); ++at) {
        const char c = line[at];
        if (quote != 0) {
            if (c == quote) {
                quote = 0;
            } else {
                word.text += c;
            }
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == ' ' || c == '\t' || ends.find(c) != std::string_view::npos) {
            break;
        } else {
            word.text += c;
        }
    }
    word.rest = trimmed(line.substr(at));
    return word;
}

void add_assignment(std::vector<ProxySetting>& settings, const std::string& word, const std::string& from) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
        add(settings, std::string_view(word).substr(0, equals), std::string_view(word).substr(equals + 1),
            from);
    }
}

/// NAME=VALUE, "export NAME=VALUE NAME=VALUE", several behind semicolons. What a script computes is not known.
void add_shell_line(std::vector<ProxySetting>& settings, std::string_view line, const std::string& from) {
    while (!line.empty() && !line.starts_with('#')) {
        if (line.starts_with(';') || line.starts_with('&')) {
            line = trimmed(line.substr(1));
            continue;
        }
        const Word word = next_word(line, ";&");
        add_assignment(settings, word.text, from);
        line = word.rest;
    }
}

/// NAME=VALUE to the end of the line, blanks included, in quotes or without (pam_env(8)).
void add_environment_line(std::vector<ProxySetting>& settings, std::string_view line,
                          const std::string& from) {
    constexpr std::string_view export_word = "export ";
    if (line.starts_with(export_word)) {
        line = trimmed(line.substr(export_word.size()));
    }
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) {
        return;
    }
    std::string_view value = trimmed(line.substr(equals + 1));
    const bool quoted =
        value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
    add(settings, trimmed(line.substr(0, equals)), quoted ? value.substr(1, value.size() - 2) : value, from);
}

/// DefaultEnvironment="NAME=VALUE" NAME=VALUE
void add_systemd_line(std::vector<ProxySetting>& settings, std::string_view line, const std::string& from) {
    constexpr std::string_view key = "DefaultEnvironment";
    if (!line.starts_with(key)) {
        return;
    }
    line = trimmed(line.substr(key.size()));
    if (!line.starts_with('=')) {
        return;
    }
    line = trimmed(line.substr(1));
    if (line.empty()) {
        // An empty assignment takes back what came before (systemd-system.conf(5)).
        std::erase_if(settings, [](const ProxySetting& setting) {
            return setting.from.find("/systemd/") != std::string::npos;
        });
    }
    while (!line.empty()) {
        const Word word = next_word(line, {});
        add_assignment(settings, word.text, from);
        line = word.rest;
    }
}

/// "pac-url=" and "pac-script=", which only the group [proxy] has (nm-settings-keyfile(5)).
void add_network_manager_line(std::vector<ProxySetting>& settings, std::string_view line,
                              const std::string& from) {
    if (line.starts_with("pac-")) {
        add_environment_line(settings, line, from);
    }
}

using AddLine = void (*)(std::vector<ProxySetting>& settings, std::string_view line, const std::string& from);

/// `from` is the path as it is on the host, whatever the root.
void add_file(std::vector<ProxySetting>& settings, const fs::path& root, const fs::path& file,
              AddLine add_line) {
    const std::string from = outside_text((fs::path("/") / file.lexically_relative(root)).string());
    std::string text = text_of(file);
    // A backslash at the end of a line goes on with the next one, in a shell and for systemd.
    for (std::size_t at = text.find("\\\n"); at != std::string::npos; at = text.find("\\\n", at)) {
        text.replace(at, 2, " ");
    }
    for_each_line(text, [&](std::string_view line) { add_line(settings, line, from); });
}

bool is_proxy_script(const std::string& name) {
    // csh(1) has another syntax, and no login shell of a service.
    return small_letters(name).find("proxy") != std::string::npos && !name.ends_with(".csh");
}

bool is_drop_in(const std::string& name) {
    return name.ends_with(".conf");
}

bool is_connection(const std::string& name) {
    return name.ends_with(".nmconnection");
}

/// Readable by root alone; whoever may not read them hears nothing of them.
void add_network_manager(std::vector<ProxySetting>& settings, const fs::path& root) {
    for (const char* directory :
         {"etc/NetworkManager/system-connections", "run/NetworkManager/system-connections"}) {
        for (const fs::path& file : files_in(root / directory, is_connection)) {
            add_file(settings, root, file, add_network_manager_line);
        }
    }
}

void add_systemd(std::vector<ProxySetting>& settings, const fs::path& root) {
    add_file(settings, root, root / "etc/systemd/system.conf", add_systemd_line);
    for (const char* directory :
         {"usr/lib/systemd/system.conf.d", "run/systemd/system.conf.d", "etc/systemd/system.conf.d"}) {
        for (const fs::path& file : files_in(root / directory, is_drop_in)) {
            add_file(settings, root, file, add_systemd_line);
        }
    }
}

}  // namespace

std::string without_credentials(std::string_view proxy) {
    const std::size_t at = proxy.rfind('@');
    if (at == std::string_view::npos) {
        return std::string(proxy);
    }
    const std::size_t scheme = proxy.find("://");
    const std::size_t begin = scheme == std::string_view::npos || scheme > at ? 0 : scheme + 3;
    return std::string(proxy.substr(0, begin)) + std::string(proxy.substr(at + 1));
}

ProxySources proxy_sources_of_this_host() {
    ProxySources sources;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (is_proxy_variable(text.substr(0, text.find('=')))) {
            sources.environment.emplace_back(text);
        }
    }
    return sources;
}

std::shared_ptr<const std::vector<ProxySetting>> proxies_of_this_host() {
    std::vector<ProxySetting> settings = read_proxy_settings(proxy_sources_of_this_host());
    return settings.empty() ? nullptr
                            : std::make_shared<const std::vector<ProxySetting>>(std::move(settings));
}

std::vector<ProxySetting> read_proxy_settings(const ProxySources& sources) {
    std::vector<ProxySetting> settings;
    const fs::path& root = sources.root;
    add_file(settings, root, root / "etc/environment", add_environment_line);
    for (const fs::path& file : files_in(root / "etc/profile.d", is_proxy_script)) {
        add_file(settings, root, file, add_shell_line);
    }
    // What a shell has set by now is what its programs get.
    for (const std::string& variable : sources.environment) {
        add_assignment(settings, variable, "environment");
    }
    add_systemd(settings, root);
    add_network_manager(settings, root);
    return settings;
}

}  // namespace whylink::probes
