#include "config_text.hpp"

#include "lab.hpp"

namespace whylink::daemon_test {
namespace {

std::string endpoint(const std::string& name, const std::string& at, std::uint16_t port) {
    return "[[endpoint]]\nname = \"" + name + "\"\nhost = \"" + at + "\"\nport = " + std::to_string(port) +
           "\n";
}

}  // namespace

std::string head(const std::string& daemon, const std::string& defaults, std::uint16_t port,
                 const std::string& capture) {
    return "[daemon]\nlog_format = \"json\"\nallow_empty = true\nlisten = \"127.0.0.1:" +
           std::to_string(port) + "\"\n" + daemon + "[capture]\n" +
           (capture.find("evidence_dir") == std::string::npos ? "evidence_dir = \"evidence\"\n" : "") +
           capture + "[defaults]\ninterval = \"1s\"\n" +
           (defaults.find("timeout") == std::string::npos ? "timeout = \"500ms\"\n" : "") +
           (defaults.find("resolvers") == std::string::npos ? "resolvers = [\"10.0.0.53\"]\n" : "") +
           defaults;
}

std::string plain(const std::string& name, const std::string& at, std::uint16_t port,
                  const std::string& more) {
    return endpoint(name, at, port) + "tls = false\nsettle = \"50ms\"\n" + more;
}

std::string secure(const std::string& name, const std::string& at, std::uint16_t port,
                   const std::string& more) {
    return endpoint(name, at, port) + more + "[endpoint.tls]\nserver_name = \"" + host + "\"\nca_file = \"" +
           certificates().files().at("ca") + "\"\n";
}

std::string zone(const std::string& name, const std::string& of, const std::string& more) {
    return "[[zone]]\nname = \"" + name + "\"\nzone = \"" + of + "\"\n" + more;
}

}  // namespace whylink::daemon_test
