// Scripts of `expect`, towards a mail server.
#include "rows.hpp"
#include "scene.hpp"

namespace whylink::netns_test {
namespace {

constexpr std::uint16_t port = 25;

// As much of SMTP as a greeting, EHLO, STARTTLS and QUIT are (RFC 5321, RFC 3207). Its arguments: address,
// certificate, key, and how it is: good, busy or without_starttls.
const std::string mail_server = R"(import socket, ssl, sys, threading
address, certificate, key, how = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)

def greeting(offers_tls):
    return b'250-mx.corp.test\r\n' + (b'250-STARTTLS\r\n' if offers_tls else b'') + b'250 SIZE 1000\r\n'

def converse(connection, offers_tls):
    for line in connection.makefile('rb'):
        verb = line.split()[0]
        if verb == b'EHLO':
            connection.sendall(greeting(offers_tls))
        elif verb == b'STARTTLS' and offers_tls:
            connection.sendall(b'220 go ahead\r\n')
            return converse(context.wrap_socket(connection, server_side=True), False)
        elif verb == b'QUIT':
            connection.sendall(b'221 bye\r\n')
            break
        else:
            connection.sendall(b'502 not here\r\n')
    connection.close()

def serve(connection):
    if how == 'busy':
        connection.sendall(b'421 mx.corp.test is too busy\r\n')
        return connection.close()
    connection.sendall(b'220 mx.corp.test ESMTP\r\n')
    converse(connection, how == 'good')

server = socket.create_server((address, 25))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
)";

Daemon mail(const std::string& how) {
    return {.argv = {"python3", "{dir}/mail.py", "{a}", "{server_cert}", "{server_key}", how},
            .files = {{"{dir}/mail.py", mail_server}},
            .ready_address = "{a}",
            .ready_port = port};
}

std::string step(const std::string& send, const std::string& expect, const std::string& more = {}) {
    return "[[endpoint.expect_script]]\n" + (send.empty() ? "" : "send = \"" + send + "\\r\\n\"\n") +
           "expect = \"" + expect + "\"\n" + more;
}

const std::string greeting = step("", "^220 ") + step("EHLO probe.example", "^250 ");
const std::string goodbye = step("QUIT", "^221 ");
const std::string in_tls =
    step("STARTTLS", "^220 ", "starttls = true\n") + greeting.substr(greeting.rfind("[["));

}  // namespace

std::vector<Row> script_rows() {
    const Asked plain{"expect", port, greeting + goodbye};
    const Asked secure{"expect", port, greeting + in_tls + goodbye, with_tls};
    return {
        scene("mail_greets", "a mail server greets and says goodbye", {mail("good")}, plain, reached()),
        scene("mail_starttls", "a mail server begins TLS within its protocol", {mail("good")}, secure,
              reached()),
        scene("mail_busy", "a mail server says that it is too busy", {mail("busy")}, plain,
              {.cause = "wrong_service",
               .at_most = "medium",
               .probes = {{"app", "{a}", "unexpected_reply"}},
               .alternatives = {"service_failing"},
               .evidence = {"421 mx.corp.test is too busy"}}),
        scene("mail_without_starttls", "a mail server does not know STARTTLS", {mail("without_starttls")},
              {"expect", port, "timeout = \"900ms\"\n" + greeting + in_tls + goodbye, with_tls},
              told("unexpected_reply", "tls_incompatible", "502 not here")),
        scene("mail_wrong_name", "the certificate behind STARTTLS is of another host", {mail("good")},
              {"expect", port, greeting + in_tls + goodbye, with_tls + "server_name = \"other.corp.test\"\n"},
              {.cause = "wrong_server_name", .probes = {{"tls", "{a}", "certificate_name_mismatch"}}}),
    };
}

}  // namespace whylink::netns_test
