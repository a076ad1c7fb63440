#include <utility>

#include "support/stream_server.hpp"

namespace whylink::lab {

StreamBehaviour silent() {
    return {};
}

StreamBehaviour reset_at_accept() {
    StreamBehaviour behaviour;
    behaviour.ending = Ending::reset;
    return behaviour;
}

StreamBehaviour close_at_accept() {
    StreamBehaviour behaviour;
    behaviour.ending = Ending::close;
    return behaviour;
}

StreamBehaviour reset_after_read() {
    StreamBehaviour behaviour;
    behaviour.read_first = true;
    behaviour.ending = Ending::reset;
    return behaviour;
}

StreamBehaviour close_after_read() {
    StreamBehaviour behaviour;
    behaviour.read_first = true;
    behaviour.ending = Ending::close;
    return behaviour;
}

StreamBehaviour greets(std::string banner) {
    StreamBehaviour behaviour;
    behaviour.send = std::move(banner);
    return behaviour;
}

StreamBehaviour replies(std::string reply) {
    StreamBehaviour behaviour;
    behaviour.read_first = true;
    behaviour.send = std::move(reply);
    behaviour.ending = Ending::close;
    return behaviour;
}

StreamBehaviour alerts(std::uint8_t description) {
    constexpr char fatal = 2;
    return replies({0x15, 3, 3, 0, 2, fatal, static_cast<char>(description)});
}

StreamBehaviour speaks(TlsService tls) {
    StreamBehaviour behaviour;
    behaviour.tls = std::move(tls);
    behaviour.echo = true;
    return behaviour;
}

StreamBehaviour stops_in_handshake(TlsService tls, std::size_t records, Ending ending) {
    StreamBehaviour behaviour;
    behaviour.tls = std::move(tls);
    behaviour.tls->records = records;
    behaviour.ending = ending;
    return behaviour;
}

StreamBehaviour stops_after_handshake(TlsService tls, Ending ending) {
    StreamBehaviour behaviour;
    behaviour.tls = std::move(tls);
    behaviour.tls->tickets = 0;
    behaviour.ending = ending;
    return behaviour;
}

StreamBehaviour echoes() {
    StreamBehaviour behaviour;
    behaviour.echo = true;
    return behaviour;
}

}  // namespace whylink::lab
