#include "probes/host/netlink.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace whylink::probes {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Each = std::function<void(std::uint16_t type, const NetlinkReply& reply)>;

constexpr std::uint32_t sequence = 1;
constexpr std::size_t attribute_header = sizeof(nlattr);
/// The kernel fills at most 32 KiB at once (netlink_dump() in net/netlink/af_netlink.c).
constexpr std::size_t buffer_size = 32U << 10;

class Socket {
  public:
    explicit Socket(int protocol) : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)) {}
    ~Socket() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

int send(int fd, const NetlinkRequest& request) {
    const timeval patience{.tv_sec = 1, .tv_usec = 0};
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
        return errno;
    }
    // So that it leaves out of a dump what was not asked for; before Linux 4.20 it sends all.
    const int strict = 1;
    ::setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    const auto message = request.message();
    const auto sent =
        ::sendto(fd, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel);
    return sent < 0 ? errno : 0;
}

/// Bytes of a datagram of the kernel; nothing was read for another sender's.
struct Received {
    int error = 0;
    Bytes bytes;
};

Received receive(int fd, std::span<std::uint8_t> buffer) {
    sockaddr_nl sender{};
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const auto size = ::recvmsg(fd, &message, 0);
    if (size < 0) {
        return {errno == EINTR ? 0 : errno, {}};
    }
    if ((static_cast<unsigned>(message.msg_flags) & MSG_TRUNC) != 0) {
        return {EMSGSIZE, {}};
    }
    return {0, sender.nl_pid == 0 ? Bytes(buffer).first(static_cast<std::size_t>(size)) : Bytes()};
}

/// What NLMSG_ERROR and NLMSG_DONE begin with: 0 or a negative errno.
int error_in(Bytes body) {
    return -NetlinkReply(body).structure<int>().value_or(0);
}

/// The result, once the last reply was among these.
std::optional<int> read_messages(Bytes bytes, bool is_dump, const Each& each) {
    while (const auto header = NetlinkReply(bytes).structure<nlmsghdr>()) {
        if (header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > bytes.size()) {
            return EBADMSG;
        }
        const Bytes body = bytes.first(header->nlmsg_len).subspan(NLMSG_HDRLEN);
        bytes = bytes.subspan(std::min<std::size_t>(NLMSG_ALIGN(header->nlmsg_len), bytes.size()));
        if (header->nlmsg_seq != sequence || header->nlmsg_type == NLMSG_NOOP) {
            continue;
        }
        // A dump that fails on its way says so at its end.
        if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) {
            return error_in(body);
        }
        each(header->nlmsg_type, NetlinkReply(body));
        if (!is_dump) {
            return 0;
        }
    }
    return std::nullopt;
}

}  // namespace

void NetlinkRequest::append(const void* data, std::size_t size) {
    const auto* begin = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), begin, begin + size);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
}

void NetlinkRequest::add(std::uint16_t attribute, Bytes value) {
    const nlattr header{static_cast<std::uint16_t>(attribute_header + value.size()), attribute};
    append(&header, sizeof header);
    append(value.data(), value.size());
}

void NetlinkRequest::add(std::uint16_t attribute, std::uint32_t value) {
    add(attribute, Bytes(reinterpret_cast<const std::uint8_t*>(&value), sizeof value));
}

std::vector<std::uint8_t> NetlinkRequest::message() const {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
    header.nlmsg_type = type_;
    header.nlmsg_flags = static_cast<std::uint16_t>(flags_);
    header.nlmsg_seq = sequence;
    auto message = bytes_;
    std::memcpy(message.data(), &header, sizeof header);
    return message;
}

Bytes NetlinkReply::attribute(std::size_t structure_size, std::uint16_t type) const {
    Bytes rest = body_.subspan(std::min<std::size_t>(NLMSG_ALIGN(structure_size), body_.size()));
    while (const auto header = read<nlattr>(rest)) {
        if (header->nla_len < attribute_header || header->nla_len > rest.size()) {
            break;
        }
        if ((header->nla_type & NLA_TYPE_MASK) == type) {
            return rest.first(header->nla_len).subspan(attribute_header);
        }
        rest = rest.subspan(std::min<std::size_t>(NLMSG_ALIGN(header->nla_len), rest.size()));
    }
    return {};
}

int ask_netlink(int protocol, const NetlinkRequest& request, const Each& each) {
    const Socket socket(protocol);
    if (socket.fd() < 0) {
        return errno;
    }
    if (const int error = send(socket.fd(), request); error != 0) {
        return error;
    }
    std::vector<std::uint8_t> buffer(buffer_size);
    while (true) {
        const Received received = receive(socket.fd(), buffer);
        if (received.error != 0) {
            return received.error;
        }
        if (const auto result = read_messages(received.bytes, request.is_dump(), each)) {
            return *result;
        }
    }
}

}  // namespace whylink::probes
