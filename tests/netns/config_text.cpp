#include "config_text.hpp"

namespace whylink::netns_test {
namespace {

// The default resolvers stand in [defaults], so that a row's own keys may give others.
const std::string defaults = "[defaults]\nresolvers = [\"{dns}\"]\n";

std::string key_of(const std::string& name, const std::string& value, const std::string& more) {
    return ("\n" + more).find("\n" + name + " =") == std::string::npos ? name + " = " + value + "\n" : "";
}

std::string endpoint(const std::string& name, const std::string& more) {
    return "[[endpoint]]\nname = \"" + name + "\"\n" + key_of("host", "\"db.corp.test\"", more) +
           key_of("port", "5432", more) + more;
}

}  // namespace

std::string plain(const std::string& more, const std::string& name) {
    return (name == "t" ? defaults : "") + endpoint(name, more) + "tls = false\n";
}

std::string secure(const std::string& more, const std::string& tls) {
    return defaults + endpoint("t", more) + "[endpoint.tls]\n" + key_of("ca_file", "\"{ca}\"", tls) + tls;
}

std::string zone(const std::string& more) {
    return defaults + "[[zone]]\nname = \"t\"\nzone = \"z.corp.test\"\n" +
           key_of("known_labels", "[\"db\"]", more) + more;
}

}  // namespace whylink::netns_test
