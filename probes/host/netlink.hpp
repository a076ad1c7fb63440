// Questions to the kernel over netlink(7).
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace whylink::probes {

/// A request: a header, the family's structure, and attributes.
class NetlinkRequest {
  public:
    /// `flags` beside NLM_F_REQUEST.
    template <typename Structure>
    NetlinkRequest(std::uint16_t type, unsigned flags, const Structure& structure)
        : type_(type), flags_(flags | NLM_F_REQUEST), bytes_(NLMSG_HDRLEN) {
        static_assert(std::is_trivially_copyable_v<Structure>);
        append(&structure, sizeof structure);
    }
    void add(std::uint16_t attribute, std::span<const std::uint8_t> value);
    void add(std::uint16_t attribute, std::uint32_t value);
    bool is_dump() const { return (flags_ & NLM_F_DUMP) == NLM_F_DUMP; }
    /// As it is sent.
    std::vector<std::uint8_t> message() const;

  private:
    void append(const void* data, std::size_t size);

    std::uint16_t type_;
    unsigned flags_;
    std::vector<std::uint8_t> bytes_;
};

/// What follows a reply's header: the family's structure and attributes. Valid as long as the message.
class NetlinkReply {
  public:
    explicit NetlinkReply(std::span<const std::uint8_t> body) : body_(body) {}

    /// Nothing when the message is shorter than it.
    template <typename Structure>
    std::optional<Structure> structure() const {
        return read<Structure>(body_);
    }
    /// The value of an attribute behind a structure of this size; empty when it is not there.
    std::span<const std::uint8_t> attribute(std::size_t structure_size, std::uint16_t type) const;
    /// An attribute as a number or structure; nothing when it is not there, or shorter.
    template <typename Value>
    std::optional<Value> attribute_as(std::size_t structure_size, std::uint16_t type) const {
        return read<Value>(attribute(structure_size, type));
    }

  private:
    template <typename Value>
    static std::optional<Value> read(std::span<const std::uint8_t> bytes) {
        static_assert(std::is_trivially_copyable_v<Value>);
        if (bytes.size() < sizeof(Value)) {
            return std::nullopt;
        }
        Value value;
        std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    std::span<const std::uint8_t> body_;
};

/// Asks, and hands on each reply. The result is 0, or the errno of the kernel's answer or of a system call;
/// EAGAIN when the kernel has not answered within a second, which it does at once.
int ask_netlink(int protocol, const NetlinkRequest& request,
                const std::function<void(std::uint16_t type, const NetlinkReply& reply)>& each);

}  // namespace whylink::probes
