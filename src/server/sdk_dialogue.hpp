#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace lmstress::server {

/// The client's end of the protocol that LM Studio's SDK speaks over a WebSocket, without the
/// socket: JSON texts in and out. A greeting first, then calls (an answer each) and channels
/// (messages until they are closed); here one at a time, which is all that settings need.
///
/// The messages: https://github.com/lmstudio-ai/lmstudio-js, packages/lms-communication/src,
/// Transport.ts and authentication.ts.
class sdk_dialogue {
  public:
    struct event {
        enum class kind : std::uint8_t {
            nothing,   ///< a message that is not about what is under way
            admitted,  ///< the greeting was accepted
            refused,   ///< it was not: `why`
            answer,    ///< of the call; `value` may be null
            message,   ///< on the channel
            closed,    ///< the channel, by the server
            failed,    ///< the call or the channel, or the peer speaks something else: `why`
        };
        kind what = kind::nothing;
        boost::json::value value = {};
        std::string why = {};
        std::string reply = {};  ///< to be sent at once, where not empty
    };

    /// The first text to send. An API token of the form sk-lm-NAME:KEY is who we are; without one
    /// we are a guest.
    [[nodiscard]] static std::string greeting(std::string_view api_token);

    /// The text that begins it. Nothing else is under way.
    [[nodiscard]] std::string call(std::string_view endpoint, const boost::json::value& parameter);
    [[nodiscard]] std::string open_channel(std::string_view endpoint,
                                           const boost::json::value& parameter);

    /// A text came.
    [[nodiscard]] event take(std::string_view text);

  private:
    enum class state : std::uint8_t { greeting, idle, calling, in_channel };

    [[nodiscard]] event take_admission(const boost::json::object& message);
    [[nodiscard]] event take_answer(const boost::json::object& message);
    [[nodiscard]] event take_channel(const boost::json::object& message);
    [[nodiscard]] event fail(std::string why);

    state state_ = state::greeting;
    std::uint64_t id_ = 0;  // of what is under way
};

}  // namespace lmstress::server
