#include <array>
#include <vector>

#include "config/schema.hpp"
#include "manual/pages.hpp"

namespace whylink::manual {
namespace {

using config::Key;
using config::Section;

std::string title_of(Section section) {
    switch (section) {
        case Section::top:
            return "Top level";
        case Section::profile:
            return "A file of profiles.d";
        default:
            return std::string(config::header(section));
    }
}

void add_key(Roff& page, const Key& key) {
    std::vector<std::string> texts{std::string(key.help)};
    // A table of the top level has a section of its own.
    if (key.kind != config::Kind::tables) {
        texts.push_back("Value: " + config::describe_value(key) + ". " +
                        (key.required ? "Required." : "Default: " + config::describe_default(key) + "."));
    }
    page.item("`" + std::string(key.name) + "`", texts);
}

void add_section(Roff& page, Section section, std::span<const Key> keys) {
    page.subheading(title_of(section));
    bool inherits = false;
    for (const Key& key : keys) {
        if (key.section != section) {
            continue;
        }
        // Those of a profile that `extends` gives are its own keys all the same.
        if (key.inherited && section != Section::profile && section != Section::remedy) {
            inherits = true;
        } else {
            add_key(page, key);
        }
    }
    if (inherits) {
        page.paragraph("Every key of `[defaults]` may stand here too. It then applies to this target only.");
    }
}

constexpr std::array sections{
    Section::top,     Section::daemon,  Section::listener_tls, Section::on_demand, Section::defaults,
    Section::capture, Section::history, Section::endpoint,     Section::tls,       Section::expect_script,
    Section::zone,    Section::watch,   Section::account};

}  // namespace

std::string configuration_page(const Release& release) {
    Roff page("whylink.toml", 5, "configuration of whylink", release);
    page.heading("DESCRIPTION");
    page.paragraph(
        "whylink reads `/etc/whylink/whylink.toml` and the files that its `include` names. The format is TOML 1.0. "
        "`whylink config check` prints every error with file, line and column. `whylink config show` prints all values, "
        "defaults filled in.");
    page.paragraph(
        "`systemctl reload whylink` reloads the configuration. An invalid file is rejected and the running configuration "
        "stays.");
    page.heading("KEYS");
    for (const Section section : sections) {
        add_section(page, section, config::keys());
    }
    page.heading("PROFILES");
    page.paragraph(
        "A file `NAME.toml` in `profiles.d` next to the configuration is a profile. `whylink profiles NAME --toml` prints "
        "a profile as such a file.");
    add_section(page, Section::profile, config::profile_keys());
    add_section(page, Section::remedy, config::profile_keys());
    page.heading("EXAMPLE");
    page.example(std::vector<std::string>{
        "[[endpoint]]", "name = \"orders-api\"", "host = \"orders.internal.example\"", "port = 8443",
        "expect = [\"10.0.16.0/20\"]", "app = \"http\"", "http_path = \"/health\""});
    page.references({"whylink(1)", "whylink-metrics(7)"});
    return page.take();
}

}  // namespace whylink::manual
