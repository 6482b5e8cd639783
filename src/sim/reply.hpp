#pragma once

#include "lmstress/clock.hpp"
#include "sim/fault.hpp"

#include <cstdint>
#include <optional>
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

/// A fault that befalls an answer on its way, and where.
struct mishap {
    fault kind;
    std::uint64_t half_way = 1;  ///< tokens after which its middle has come
    /// The number of the event that is struck, where the fault strikes one; else the first in the
    /// middle.
    std::optional<std::uint64_t> event = {};
};

/// What is true of a whole answer, for the truth log: what a client has to make of its events.
struct answer_truth {
    std::string_view request_id;
    std::string_view model;      ///< the instance that answers
    std::string_view text;       ///< of the message; of embeddings the vectors, as JSON
    std::string_view reasoning;  ///< before it, or empty
    std::string_view tool;       ///< that it calls, or empty
    std::string_view arguments;  ///< of the call
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    std::string_view finish_reason;  ///< in OpenAI's words
    std::uint64_t turn = 0;          ///< of its conversation, from 1; 0: it is no chat
    std::string_view conversation;   ///< the request id of its first turn, as far as it is known
};

/// Where one answer goes.
class reply {
  public:
    virtual ~reply() = default;
    /// Called before anything is sent, where a fault is to befall the answer on its way.
    virtual void suffer(const mishap& what) = 0;
    /// A whole answer, its head and its body.
    virtual void send(std::string_view bytes) = 0;
    /// The head of a stream of that content type goes out; events follow.
    virtual void open_stream(std::string_view content_type) = 0;
    virtual void send_event(std::string_view frame, const truth& what) = 0;
    /// The engine has made all of the answer. What befalls it on its way changes nothing of that.
    virtual void tell(const answer_truth& /*what*/) {}
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
/// A head, with or without its body, that says when it goes out. Without a date it stays as it is.
[[nodiscard]] std::string dated(std::string_view answer, std::string_view date);
/// `bytes` as one chunk of the transfer coding; the last one is empty.
[[nodiscard]] std::string chunk(std::string_view bytes);

}  // namespace lmstress::sim
