// Network namespaces without a name: they end with the last descriptor and process that holds them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace whylink::lab {

/// One network namespace, its loopback up. Everything here throws std::runtime_error when the kernel or a
/// tool refuses; the text says which command and why.
class Netns {
  public:
    Netns();
    ~Netns();
    Netns(const Netns&) = delete;
    Netns& operator=(const Netns&) = delete;

    /// Of the namespace, for setns(2); valid as long as this object.
    int fd() const { return fd_; }

    /// Runs `work` in a thread inside the namespace and waits for it. Sockets that it opens stay in the
    /// namespace.
    void enter(const std::function<void()>& work) const;

    /// Lines of ip(8) without the leading "ip", all or none is not promised.
    void ip(std::string_view lines) const;
    /// A ruleset for `nft -f -`.
    void nft(std::string_view ruleset) const;
    /// `key` with slashes, below /proc/sys/net: "ipv4/ip_forward".
    void sysctl(std::string_view key, std::string_view value) const;

  private:
    int fd_ = -1;
};

/// A veth pair, both ends up.
void connect(const Netns& left, const std::string& left_device, const Netns& right,
             const std::string& right_device);

}  // namespace whylink::lab
