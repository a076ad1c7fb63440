// Any text is loaded or refused without a crash, and what is loaded is shown as a text that loads to the
// same, but for what scripts send. The input is the main file and, after a line "#---", the one that it may
// include as conf.d/a.toml.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/show.hpp"
#include "tests/support/without_sends.hpp"

namespace {

using namespace whylink::config;

constexpr std::string_view separator = "\n#---\n";

/// No input reaches a real file.
class OneFile final : public Files {
  public:
    explicit OneFile(std::string_view text) : text_(text) {}

    std::variant<std::string, FileFault> read(const std::filesystem::path& file) const override {
        if (file == "/etc/conf.d/a.toml") {
            return text_;
        }
        return FileFault{"No such file or directory"};
    }
    std::vector<std::string> list(const std::filesystem::path& directory, std::size_t limit) const override {
        if (limit > 0 && directory == "/etc/conf.d") {
            return {"a.toml"};
        }
        return directory == "/etc" && limit > 0 ? std::vector<std::string>{"conf.d"}
                                                : std::vector<std::string>{};
    }
    std::optional<FileFault> fault(const std::filesystem::path& /*file*/) const override {
        return std::nullopt;
    }

  private:
    std::string text_;
};

void fail(const char* what, const std::string& shown) {
    std::fprintf(stderr, "%s:\n%s\n", what, shown.c_str());
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const std::size_t split = text.find(separator);
    const bool has_second = split != std::string::npos;
    const OneFile files(has_second ? text.substr(split + separator.size()) : "");
    const LoadResult first = load_text(text.substr(0, split), "/etc/whylink.toml", files);
    if (!first.ok()) {
        return 0;
    }
    const std::string shown = show(first.config);
    const LoadResult second = load_text(shown, "/shown/whylink.toml", files);
    if (!second.ok()) {
        fail(second.errors.front().to_string().c_str(), shown);
    }
    if (!(whylink::lab::without_sends(second.config) == whylink::lab::without_sends(first.config))) {
        fail("loads to something else", shown);
    }
    return 0;
}
