// Text that is a secret: it has no way into a stream, a log or JSON but reveal(), which stands where a request is signed,
// and its memory is wiped.
#pragma once

#include <string>
#include <string_view>

namespace whylink::control {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    bool empty() const { return text_.empty(); }
    /// Valid as long as this object. For authorisation alone; grep for it to see every use.
    std::string_view reveal() const { return text_; }
    bool operator==(const Secret& other) const;

  private:
    void wipe() noexcept;
    std::string text_;
};

/// Overwrites the text with zeros, capacity included, and empties it.
void wipe(std::string& text) noexcept;

}  // namespace whylink::control
