#pragma once

#include "lmstress/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmstress::dashboard {

/// A request as the routes see it. What was not sent is empty.
struct http_request {
    std::string method;
    std::string path;  ///< percent-decoded, without the query
    std::vector<std::pair<std::string, std::string>> query = {};  ///< decoded
    std::string host = {};
    std::string origin = {};
    std::string content_type = {};
    std::string authorization = {};
    std::string page_token = {};     ///< X-Lmstress-Token
    std::string last_event_id = {};  ///< of a stream of events that was cut
    std::string body = {};

    /// The value of a parameter of the query; empty: it has none of that name.
    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept;
};

/// Events for one reader, as they come (text/event-stream). Used by the thread of the server alone.
class event_stream {
  public:
    virtual ~event_stream() = default;
    /// What has come since the last call, at most some hundred KiB of it; empty: nothing yet.
    [[nodiscard]] virtual std::string take() = 0;
    /// Nothing will come any more.
    [[nodiscard]] virtual bool ended() const = 0;
    /// `wake` is called, once, when something has come.
    virtual void when_there_is_more(std::function<void()> wake) = 0;
};

struct http_answer {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< beside those of all answers
    std::shared_ptr<event_stream> events = {};                      ///< in place of the body
};

/// {"error": ..., "advice": ...}
[[nodiscard]] http_answer refusal(unsigned status, std::string_view what,
                                  std::string_view advice = {});
[[nodiscard]] http_answer refusal(unsigned status, const error& e);
[[nodiscard]] http_answer json_answer(std::string body, unsigned status = 200);

/// The path and the query of a request's target; nothing where it is not well formed, or no text.
[[nodiscard]] bool read_target(std::string_view target, http_request& into);

}  // namespace lmstress::dashboard
