#pragma once

#include "sim/fault_filter.hpp"
#include "sim/output.hpp"
#include "sim/sdk_output.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lmstress::sim {

/// A message on a channel, its end in good order, and its end by an error.
[[nodiscard]] std::string channel_message(std::uint64_t channel, std::string_view json);
[[nodiscard]] std::string channel_close(std::uint64_t channel);
[[nodiscard]] std::string channel_error(std::uint64_t channel, std::string_view title);

/// Where the answer of a channel "predict" goes, and what befalls it on its way.
class sdk_prediction final : public reply, output {
  public:
    /// `to` outlives this.
    sdk_prediction(sdk_output& to, std::uint64_t channel) : to_(to), channel_(channel) {}

    [[nodiscard]] std::uint64_t channel() const noexcept { return channel_; }
    [[nodiscard]] bool over() const noexcept { return over_; }

  private:
    void suffer(const mishap& what) override;
    void send(std::string_view bytes) override;
    void open_stream(std::string_view) override {}
    void send_event(std::string_view frame, const truth& what) override;
    void tell(const answer_truth& what) override { to_.on_answer(what); }
    void end() override;
    void reset() override;
    void send_text(std::string text);

    // What the filter lets through.
    void write(std::string_view bytes) override { to_.send_frames(std::string{bytes}); }
    void on_event(const truth& what) override { to_.on_event(what); }
    void hang_up() override {}
    void on_request(std::string_view) override {}
    void on_answered() override {}

    sdk_output& to_;
    std::uint64_t channel_;
    std::optional<fault_filter> filter_;
    bool over_ = false;
};

}  // namespace lmstress::sim
