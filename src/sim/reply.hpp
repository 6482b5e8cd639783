#pragma once

#include "lmstress/clock.hpp"
#include "sim/fault.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace lmstress::sim {

/// What is true of a piece of an answer, for the truth log.
struct truth {
    std::string_view request_id;
    std::uint64_t event = 0;  ///< number within the answer, from 0
    std::string_view type;    ///< "message.delta", "token" ...
    instant due{};            ///< when the engine brought it forth
};

/// Where one answer goes.
class reply {
  public:
    virtual ~reply() = default;
    /// Called before anything is sent, where a fault is to befall the answer on its way; one in its
    /// middle after `half_way` tokens.
    virtual void suffer(fault kind, std::uint64_t half_way) = 0;
    /// A whole answer, its head and its body.
    virtual void send(std::string_view bytes) = 0;
    /// The head of a stream of that content type goes out; events follow.
    virtual void open_stream(std::string_view content_type) = 0;
    virtual void send_event(std::string_view frame, const truth& what) = 0;
    /// The answer is complete.
    virtual void end() = 0;
    /// The connection breaks off instead: nothing more follows.
    virtual void reset() = 0;
};

/// A whole answer with a JSON body, as Express sends it.
[[nodiscard]] std::string json_answer(int status, std::string_view body);
/// The page that Express makes of an error that nobody caught.
[[nodiscard]] std::string html_answer(int status);
/// The head of a stream of events, or of lines.
[[nodiscard]] std::string stream_head(std::string_view content_type);
/// `bytes` as one chunk of the transfer coding; the last one is empty.
[[nodiscard]] std::string chunk(std::string_view bytes);

}  // namespace lmstress::sim
