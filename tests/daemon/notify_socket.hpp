// The service manager's side of sd_notify(3).
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace whylink::daemon_test {

/// A datagram socket that collects what it is told: a queue that nobody reads would hold the sender up.
class NotifySocket {
  public:
    NotifySocket();
    ~NotifySocket();
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    /// For NOTIFY_SOCKET.
    const std::filesystem::path& path() const { return path_; }
    std::vector<std::string> messages() const;
    /// Of those that have this line, or one that begins so when it ends in '='.
    std::vector<std::size_t> positions(const std::string& line) const;

  private:
    void collect();

    std::filesystem::path path_;
    int fd_ = -1;
    mutable std::mutex mutex_;
    std::vector<std::string> messages_;
    std::thread reader_;
};

}  // namespace whylink::daemon_test
