// Prints a metrics page that has something of everything, or one of many endpoints, for other programs to
// read.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "daemon/http/metrics.hpp"
#include "fabricated_snapshot.hpp"

int main(int count, char** arguments) {
    using namespace whylink;
    if (count < 2 || count > 3) {
        std::fputs("usage: whylink-metrics-page prometheus|openmetrics [ENDPOINTS]\n", stderr);
        return 2;
    }
    const daemon::Snapshot snapshot =
        count == 3 ? fabricated::large_snapshot(std::strtoul(arguments[2], nullptr, 10))
                   : fabricated::full_snapshot();
    const bool openmetrics = std::string_view(arguments[1]) == "openmetrics";
    daemon::http::render_metrics(
        snapshot,
        openmetrics ? daemon::http::MetricsFormat::openmetrics : daemon::http::MetricsFormat::prometheus,
        [](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); });
    return std::fflush(stdout) == 0 ? 0 : 1;
}
