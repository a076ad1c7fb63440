#include "control/gcp/read.hpp"

namespace whylink::control {

namespace {

constexpr std::string_view not_read = "GCP accounts are not read yet";

}  // namespace

Readings read_gcp(const Reading& reading) {
    Reply reply;
    reply.result = Result::error;
    reply.detail = not_read;
    Readings readings;
    readings.reads.push_back(read_of(reading.account, "account", reply));
    return readings;
}

CheckAnswer check_gcp(const Reading& reading) {
    CheckAnswer answer;
    answer.account = reading.account.name;
    answer.access.push_back({"account", {}, Result::error, std::string(not_read)});
    return answer;
}

}  // namespace whylink::control
