// What the event loop spends its time on without a pause, so that who holds it up can be named.
#pragma once

#include <chrono>
#include <string>
#include <utility>

namespace whylink::probes {

/// One piece of work of the calling thread.
struct LongPiece {
    std::chrono::nanoseconds took{};
    std::string what;  ///< "TLS handshake with 10.0.0.7:443"; empty: nothing was noted
};

/// From its making to its end. Costs two looks at the clock; the name is asked for only where the piece is the longest of
/// some milliseconds since take_longest_piece(). Of one thread.
template <class Name>
class PieceOfWork {
  public:
    explicit PieceOfWork(Name name) : name_(std::move(name)) {}
    ~PieceOfWork();
    PieceOfWork(const PieceOfWork&) = delete;
    PieceOfWork& operator=(const PieceOfWork&) = delete;

  private:
    Name name_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// Whether it is longer than all that this thread has noted, and long enough to be noted at all.
bool is_longest_piece(std::chrono::nanoseconds took);
void note_longest_piece(std::chrono::nanoseconds took, std::string what);
/// The longest of the calling thread since the last call.
LongPiece take_longest_piece();

template <class Name>
PieceOfWork<Name>::~PieceOfWork() {
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begun_;
    if (is_longest_piece(took)) {
        note_longest_piece(took, name_());
    }
}

}  // namespace whylink::probes
