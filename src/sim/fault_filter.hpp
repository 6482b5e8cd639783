#pragma once

#include "sim/fault.hpp"
#include "sim/output.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::sim {

/// What a fault makes of the frames of one good answer, on their way to the connection. Of kinds
/// that do nothing to frames it lets everything through.
class fault_filter {
  public:
    /// What the connection makes of a frame.
    using wrapping = std::string (*)(std::string_view frame);

    /// A fault in the middle strikes at the first event after the half of the tokens. `to` outlives
    /// this.
    fault_filter(output& to, const mishap& what, wrapping wrap = chunk)
        : to_(to), what_(what), kind_(what.kind), wrap_(wrap) {}

    /// Bytes that are no event.
    void send(std::string_view bytes);
    /// What `what` refers to lives until the answer is over.
    void send_event(std::string_view frame, const truth& what);
    /// Nothing more will come, not even the end of the answer.
    [[nodiscard]] bool silent() const noexcept { return kind_ == fault::stall && struck_; }

  private:
    void splice(std::string_view frame, const truth& what, bool begins_now);
    void swap(std::string_view frame, const truth& what, bool begins_now);
    /// `what` is null for a frame that the fault has spoiled.
    void pass(std::string_view frame, const truth* what);
    void write(std::string_view bytes, const truth* what);
    void write_held();

    output& to_;
    mishap what_;
    fault kind_;
    wrapping wrap_;
    std::uint64_t tokens_ = 0;
    bool struck_ = false;
    std::string first_of_two_;  // spliced_frame, swap_events
    truth truth_of_first_;
    std::string held_;                // coalesce
    std::vector<truth> held_events_;  // those in it
};

}  // namespace lmstress::sim
