#include "web_servers.hpp"

namespace whylink::netns_test {

Daemon nginx(const std::string& server, std::uint16_t port) {
    return {.argv = {"nginx", "-e", "stderr", "-c", "{dir}/nginx.conf"},
            .files = {{"{dir}/nginx.conf",
                       "daemon off; master_process off; pid {dir}/nginx.pid; error_log stderr; events {}\n"
                       "http {\n access_log off;\n"
                       " client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;\n"
                       " uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;\n"
                       " ssl_certificate {server_cert}; ssl_certificate_key {server_key};\n"
                       " server { " +
                           server + " }\n}\n"}},
            .ready_address = "{a}",
            .ready_port = port};
}

namespace {

Daemon haproxy(const std::string& mode, const std::string& text, std::uint16_t port) {
    return {.argv = {"haproxy", "-db", "-f", "{dir}/haproxy.cfg"},
            .files = {{"{dir}/haproxy.cfg",
                       "defaults\n mode " + mode +
                           "\n timeout connect 5s\n timeout client 20s\n timeout server 20s\n" + text}},
            .ready_address = "{a}",
            .ready_port = port};
}

}  // namespace

Daemon haproxy_tcp(const std::string& text, std::uint16_t port) {
    return haproxy("tcp", text, port);
}

Daemon haproxy_http(const std::string& text, std::uint16_t port) {
    return haproxy("http", text, port);
}

Daemon haproxy_http_with_tls(const std::string& text, std::uint16_t port) {
    Daemon daemon = haproxy("http", text, port);
    daemon.argv = {"sh", "-c",
                   "cat {server_cert} {server_key} >{dir}/both.pem && exec haproxy -db -f {dir}/haproxy.cfg"};
    return daemon;
}

}  // namespace whylink::netns_test
