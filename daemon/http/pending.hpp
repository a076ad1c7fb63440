// What the answers hold in memory until they have been read.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace whylink::daemon::http {

/// A text that several answers share counts once.
class PendingBytes {
  public:
    void add(const std::shared_ptr<const std::string>& text) {
        if (uses_[text.get()]++ == 0) {
            total_ += text->size();
        }
    }
    void remove(const std::shared_ptr<const std::string>& text) {
        const auto found = uses_.find(text.get());
        if (found != uses_.end() && --found->second == 0) {
            uses_.erase(found);
            total_ -= text->size();
        }
    }
    std::size_t total() const { return total_; }
    /// What the total would be with it.
    std::size_t total_with(const std::shared_ptr<const std::string>& text) const {
        return total_ + (uses_.contains(text.get()) ? 0 : text->size());
    }

  private:
    std::map<const std::string*, std::size_t> uses_;
    std::size_t total_ = 0;
};

}  // namespace whylink::daemon::http
