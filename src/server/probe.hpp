#pragma once

#include "api/api.hpp"
#include "lmstress/error.hpp"
#include "lmstress/stream_event.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::server {

enum class verdict : std::uint8_t { ok, no, unknown };

/// One thing that was looked at.
struct finding {
    verdict is = verdict::unknown;
    std::string about = {};
    std::string detail = {};
    bool needed = false;  ///< without it no run can work
};

/// What a short streamed answer showed of the way in which the server streams.
class stream_notes final : public event_sink {
  public:
    /// A read brought bytes, which come next; `has_head` says whether the head is behind it.
    void read_at(instant at) { at_ = at; }
    void sent_at(instant at) { sent_ = at; }
    void head_at(instant at) { head_ = at; }

    /// Does it stream, do its headers come before the first token, is there usage?
    [[nodiscard]] std::vector<finding> judge() const;

  private:
    void on_frame() override {}
    void on_event(const stream_event& e) override;
    [[nodiscard]] finding streaming() const;
    [[nodiscard]] finding headers() const;
    [[nodiscard]] finding counts() const;

    instant at_{};
    instant sent_{};
    std::optional<instant> head_;
    std::optional<instant> first_;  // read with text
    std::optional<instant> last_;
    std::uint64_t events_ = 0;  // with text
    std::uint64_t reads_ = 0;   // that brought them
    std::optional<std::uint64_t> output_tokens_;
    std::string failure_;
};

/// Asks a server what it is and how it behaves: a few short requests that no server works on, and a
/// chat of 16 tokens where a model is in memory or named. Changes nothing there. An error where
/// nobody answers.
[[nodiscard]] boost::asio::awaitable<result<std::vector<finding>>> probe(way to);

/// The same lines where the server could not be asked.
[[nodiscard]] std::vector<finding> not_probed(const error& why);

}  // namespace lmstress::server
