#include "api/error_frame.hpp"

#include "api/failure_text.hpp"
#include "api/json_frame.hpp"

namespace lmstress::api {

event::failure failure_in(const boost::json::object& said, std::string_view data) {
    const std::string_view message = error_message_in(said);
    return {classify_failure(200, data), message.empty() ? data : message};
}

event::failure unreadable(const wire::sse_event& frame) {
    const bool named_error = frame.type == "error";
    return {named_error ? classify_failure(200, frame.data) : failure_kind::bad_frame, frame.data};
}

}  // namespace lmstress::api
