#include "daemon/commands/give_up.hpp"

#include <unistd.h>

#include <string>

#include "config/userinfo.hpp"
#include "daemon/system/standard_streams.hpp"

namespace whylink::daemon {
namespace {

int end_without_report(const ReportFormat& format, int status, std::string_view why) {
    const int ending = status == exit_usage ? format.usage_status : status;
    if (format.fault == nullptr) {
        return ending;
    }
    return print(format.fault(config::hide_userinfo_in(why.substr(0, why.find('\n')))), ending);
}

}  // namespace

int give_up(const ReportFormat& format, int status, std::string_view why) {
    complain(why);
    return end_without_report(format, status, why);
}

int give_up(const ReportFormat& format, const std::vector<config::Error>& errors) {
    std::string text;
    for (const config::Error& error : errors) {
        text += error.to_string() + "\n";
    }
    static_cast<void>(write_all(STDERR_FILENO, text));
    return end_without_report(format, exit_usage, text);
}

}  // namespace whylink::daemon
