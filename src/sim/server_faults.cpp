// What becomes of a chat that a fault strikes, where that is not on the way of its bytes
// (fault_filter).

#include "sim/request_json.hpp"
#include "sim/server.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace lmstress::sim {
namespace {

constexpr std::string_view crashed =
    "The model has crashed without additional information. (Exit code: null)";

/// What is wrong, as each API calls it.
struct trouble {
    int status;
    std::string message;
    std::string_view native_type;
    std::string_view native_code;
    std::string_view anthropic_type;
};

/// Says so in the shape of all APIs but OpenAI's, which has several. False where it is that.
bool refuse(const http_request& request, reply& to, const trouble& t) {
    if (is_native(request)) {
        native_error(to, t.status, t.native_type, t.message, t.native_code);
    } else if (is_anthropic(request)) {
        anthropic_error(to, t.status, t.anthropic_type, t.message);
    } else if (is_ollama(request)) {
        text_error(to, t.status, t.message);
    } else {
        return false;
    }
    return true;
}

void not_found(const http_request& request, reply& to) {
    const auto body = parse_object(request.body);
    const std::string model = body ? string_in(*body, "model") : std::string{};
    if (is_anthropic(request))
        return anthropic_error(to, 404, "not_found_error", "model: " + model);
    if (is_ollama(request)) return text_error(to, 404, "model '" + model + "' not found");
    const std::string message = "Invalid model identifier \"" + model + "\"";
    if (is_native(request)) return native_error(to, 404, "model_not_found", message);
    openai_error(to, 404, message, "model_not_found", "model");
}

/// LM Studio has no such answer; what stands before it may.
void too_many(const http_request& request, reply& to) {
    const trouble t{
        429, "Too many requests. Please try again later.", "unknown", {}, "rate_limit_error"};
    if (!refuse(request, to, t)) openai_error(to, 429, t.message, "rate_limit_exceeded", "");
}

void engine_gone(const http_request& request, reply& to) {
    const trouble t{500, std::string{engine_unreachable}, "internal_error", "unknown", "api_error"};
    if (!refuse(request, to, t)) text_error(to, t.status, t.message);
}

void gave_up_on_slot(const http_request& request, reply& to) {
    const trouble t{400, "Engine protocol predict stream returned an error: {code:500}",
                    "internal_error", "unknown", "api_error"};
    if (!refuse(request, to, t)) text_error(to, t.status, t.message);
}

void unloaded_instead(const http_request& request, reply& to) {
    const trouble t{200, std::string{model_unloaded}, "internal_error", "unknown", "api_error"};
    if (refuse(request, to, t)) return;
    answer(to, 200, R"({"error":{"message":")" + t.message + R"("}})");
}

}  // namespace

/// True when the fault comes in place of the answer, or before it.
bool server::strike(fault kind, const http_request& request, reply& to, instant now) {
    if (const auto due = delay_of(kind, now)) {
        delayed_.push_back({.to = &to, .struck_by = kind, .due = *due, .request = request});
        return true;
    }
    switch (kind) {
        case fault::reset_before:
            to.reset();
            break;
        case fault::status_401:
            refuse_token(request, to, "");
            break;
        case fault::status_404:
            not_found(request, to);
            break;
        case fault::status_429:
            too_many(request, to);
            break;
        case fault::status_500:
            engine_gone(request, to);
            break;
        case fault::empty_400:
            answer(to, 400, "");
            break;
        case fault::html_500:
            to.send(html_answer(500));
            to.end();
            break;
        case fault::ok_with_error:
            unloaded_instead(request, to);
            break;
        case fault::slow_headers:
        case fault::no_headers:
        case fault::slot_timeout:
        case fault::reset_mid:
        case fault::stall:
        case fault::truncate:
        case fault::malformed_frame:
        case fault::spliced_frame:
        case fault::drop_event:
        case fault::double_event:
        case fault::swap_events:
        case fault::byte_by_byte:
        case fault::coalesce:
        case fault::error_first:
        case fault::error_mid:
        case fault::crash:
        case fault::wrong_model:
        case fault::oversized_event:
        case fault::prefill_goes_on:
        case fault::double_prefill_end:
        case fault::bare_events:
            return false;
    }
    return true;
}

/// What a fault does to an answer from its beginning on. True where nothing of it is left.
bool server::befall(generation& answer, fault kind, job_id id, instant now) {
    answer.suffer(kind, next_event_to_strike());
    if (kind != fault::error_first) return false;
    answer.open(answer.wanted().model, now);
    answer.take({.id = id, .what = emission::kind::prompt_too_long, .due = now});
    return true;
}

void server::end_delays(instant now) {
    std::erase_if(delayed_, [&](delayed_chat& d) {
        if (d.due > now) return false;
        if (d.answer && d.struck_by == fault::slot_timeout) {
            d.answer->take({.what = emission::kind::no_slot, .due = now});
        } else if (d.answer) {
            begin_prediction(std::move(d.answer), d.instance_id, now, std::nullopt);
        } else if (d.struck_by == fault::slot_timeout) {
            gave_up_on_slot(d.request, *d.to);
        } else {
            answer_chat(d.request, *d.to, now, std::nullopt);
        }
        return true;
    });
}

/// True when the fault of a request ends its answer in place of what the engine brings.
bool server::cut_off(running& r, const emission& e) {
    using kind = emission::kind;
    if (!r.struck_by) return false;
    const bool last = e.what == kind::finished || e.what == kind::context_full;
    const bool half_way = last || (e.what == kind::token && e.done > r.answer->wanted().half_way());
    const bool in_prefill = e.what == kind::prefill_start;
    if (*r.struck_by == fault::error_mid && half_way) {
        r.answer->fail(model_unloaded, e.due);
    } else if (*r.struck_by == fault::crash && half_way) {
        r.answer->fail(crashed, e.due);
    } else if ((*r.struck_by == fault::reset_mid && half_way) ||
               (*r.struck_by == fault::prefill_goes_on && in_prefill)) {
        r.answer->reset();
    } else {
        return false;
    }
    if (instance* on = models_.find_instance(r.instance_id)) on->runs.cancel(e.id);
    return true;
}

}  // namespace lmstress::sim
