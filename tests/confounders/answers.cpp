// What answers, and otherwise than asked.
#include <utility>

#include "confounder.hpp"

namespace whylink::confounders {
namespace {

using netns_test::certificates;

// A server that knows its own names only, and says so.
Confounder by_own_name(const std::string& name, const std::string& why, const std::string& truth,
                       const std::string& records) {
    lab::StreamBehaviour own = lab::alerts(112);
    own.by_name = {{alias, lab::speaks(certificates().service("good"))}};
    Confounder made = served(name, why, truth, std::move(own));
    made.row.resolvers = {{"{dns}", records}};
    return made;
}

}  // namespace

std::vector<Confounder> answers() {
    const std::string stranger = "wrong_service";
    const std::string disagrees = "tls_incompatible";
    const auto identity = [](const std::string& which) { return lab::speaks(certificates().service(which)); };
    return {
        served("ssh", "a text banner (SSH)", stranger, lab::greets("SSH-2.0-OpenSSH_9.2\r\n")),
        served("banner_unknown", "a text banner of an unknown protocol", stranger,
               lab::greets("welcome to the jungle\r\n")),
        served("http", "an HTTP answer (nginx without TLS)", stranger, nginx("listen {a}:5432;")),
        served("garbage", "bytes that are no protocol", stranger,
               lab::replies(std::string("\x00\x9d\xff\x07garbage", 11))),
        served("alert_112", "alert 112, unrecognized_name: another service's front end", stranger,
               lab::alerts(112)),
        served("nginx_reject_handshake", "nginx with ssl_reject_handshake: the name is not set up there",
               disagrees, nginx("listen {a}:5432 ssl; ssl_reject_handshake on;")),
        by_own_name("own_name", "a TLS server that knows the CNAME's name only", "wrong_server_name",
                    host + " CNAME " + alias + "\n" + alias + " A {a}"),
        by_own_name("own_name_unknown", "a TLS server that knows another name only, which DNS does not give",
                    disagrees, host + " A {a}"),
        served("alert_40", "alert 40, handshake_failure", disagrees, lab::alerts(40)),
        served("alert_70", "alert 70, protocol_version", disagrees, lab::alerts(70)),
        served("alert_80", "alert 80, internal_error", "service_failing", lab::alerts(80)),
        served("alert_116", "alert 116, certificate_required", "client_certificate_required",
               lab::alerts(116)),
        served("client_certificate", "TLS that wants a client certificate", "client_certificate_required",
               lab::speaks(certificates().service_for_clients())),
        served("other_certificate", "TLS with the certificate of another host", stranger,
               identity("other_name")),
        served("http2", "nginx that speaks HTTP/2 only, asked in HTTP/1.1", "healthy",
               nginx("listen {a}:5432 http2;"), plain("app = \"http\"\nhttp_status = [200, 404]\n")),
        served("http2_grpc", "a gRPC server: HTTP/2 only, and it ends what is no gRPC", stranger,
               lab::replies(std::string("\0\0\0\x04\0\0\0\0\0", 9)), plain("app = \"http\"\n")),
        served("http2_given_tls", "a gRPC server without TLS, given TLS", stranger,
               lab::replies(std::string("\0\0\0\x04\0\0\0\0\0", 9))),
        served("good", "nothing is wrong", "healthy", identity("good")),
    };
}

}  // namespace whylink::confounders
