#include "daemon/texts/index.hpp"

#include <algorithm>

#include "checks/texts/examples.hpp"
#include "checks/texts/files.hpp"
#include "checks/texts/read.hpp"
#include "config/cause.hpp"
#include "daemon/texts/files.hpp"

namespace whylink::daemon {
namespace {

std::vector<IndexEntry> read_index() {
    return checks::read_texts(
        checks::text_file("index", explain_files()), checks::example_slugs(),
        [](std::string_view slug, checks::TextTable& table) {
            const bool has_title = from_slug<Cause>(slug).has_value();
            return IndexEntry{slug, has_title ? std::string() : table.text("line"), table.list("see")};
        });
}

}  // namespace

std::span<const IndexEntry> index_entries() {
    static const std::vector<IndexEntry> all = read_index();
    return all;
}

const IndexEntry& index_entry(std::string_view slug) {
    return *std::ranges::find(index_entries(), slug, &IndexEntry::slug);
}

}  // namespace whylink::daemon
