#include "load/run_context.hpp"

#include "api/socket_opening.hpp"
#include "lmstress/version.hpp"
#include "workload/random.hpp"
#include "workload/scenario_json.hpp"

#include <fmt/format.h>

namespace lmstress::load {

namespace {

/// Nothing that a further request could change: the server is not there, or does not let us in, or
/// does not have the model.
bool is_hopeless(const request_record& record) {
    if (!record.error || !record.error->kind) return false;
    switch (*record.error->kind) {
        case failure_kind::dns:
        case failure_kind::connect:
        case failure_kind::tls:
        case failure_kind::unauthorized:
        case failure_kind::model_not_found:
            return true;
        case failure_kind::reset:
        case failure_kind::truncated:
        case failure_kind::not_http:
        case failure_kind::not_a_stream:
        case failure_kind::bad_frame:
        case failure_kind::empty_answer:
        case failure_kind::prompt_too_long:
        case failure_kind::context_exhausted:
        case failure_kind::slot_timeout:
        case failure_kind::overloaded:
        case failure_kind::engine_failed:
        case failure_kind::model_unloaded:
        case failure_kind::server_error:
        case failure_kind::bad_request:
        case failure_kind::event_too_large:
            return false;
    }
    return false;
}

}  // namespace

std::string request_id(const run_context& run, std::uint64_t index) {
    return std::to_string(index) + "-" + run.run_id;
}

namespace {

std::string_view accepted(api::framing body) {
    switch (body) {
        case api::framing::sse:
            return "text/event-stream";
        case api::framing::ndjson:
            return "application/x-ndjson";
        case api::framing::whole:
            return "application/json";
        case api::framing::web_socket:
            break;
    }
    return {};
}

}  // namespace

namespace {

/// The request for a WebSocket, whole.
std::string socket_request(const net::endpoint& at, const api::api& api,
                           const target_settings& target) {
    const std::string ours =
        fmt::format("User-Agent: lmstress/{}\r\n{}", version, api::web_socket_fields);
    return fmt::format("GET {}{} HTTP/1.1\r\nHost: {}\r\n", at.prefix, api.path, at.host_header) +
           net::header_fields(ours, target, api.token_field) + "\r\n";
}

}  // namespace

std::string request_line_and_fields(const net::endpoint& at, const api::api& api,
                                    const target_settings& target) {
    if (api.body == api::framing::web_socket) return socket_request(at, api, target);
    const std::string ours =
        fmt::format("User-Agent: lmstress/{}\r\nAccept: {}\r\nContent-Type: application/json\r\n{}",
                    version, accepted(api.body), api.fields);
    return fmt::format("POST {}{} HTTP/1.1\r\nHost: {}\r\n", at.prefix, api.path, at.host_header) +
           net::header_fields(ours, target, api.token_field);
}

workload::script script_of(const run_context& run, const lane& on, std::uint32_t level,
                           std::uint64_t c) {
    if (run.conversations != nullptr) return run.conversations->at(run.run_id, level, c);
    return workload::script_of_prompts(run.prompts, run.settings.workload, run.run_id, level, c,
                                       on.calibration ? &*on.calibration : nullptr);
}

outgoing make_request(const run_context& run, const lane& on, const workload::conversation& says,
                      std::uint64_t index) {
    const workload_settings& w = run.settings.workload;
    const std::vector<api::image> shown = workload::images_of(run.images);
    api::chat_request asked{.model = run.model,
                            .prompt = {},
                            .system_prompt = w.system_prompt_in_effect(),
                            .max_tokens = w.max_tokens,
                            .seed = w.seed,
                            .llama_cpp = run.llama_cpp,
                            .images = shown,
                            .integrations = w.integrations};
    says.ask(asked);
    outgoing request{.api = on.api, .head = on.request_line_and_fields, .body = {}};
    request.body = on.patch.apply(on.api->request_body(asked));
    if (on.api->message != nullptr) {
        request.number = index + 1;
        request.greeting = on.greeting;
        request.mask = static_cast<std::uint32_t>(workload::hash(run.run_id, index));
        return request;
    }
    request.head += "x-request-id: " + request_id(run, index) + "\r\n";
    request.head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
    return request;
}

std::uint64_t inputs_of(const run_context& run, const lane& on) {
    // Whoever gives the texts with --extra knows alone how many there are.
    const bool known = on.api->embeds && !workload::is_in_body(run.settings.request, "input");
    return known ? run.settings.workload.inputs_each : 0;
}

void note_end(run_context& run, const request_record& record) {
    const bool first = run.ended++ == 0;
    if (first && is_hopeless(record)) run.hopeless = true;
    const bool bad = record.ended == outcome::failed || record.ended == outcome::timed_out;
    if (bad && ++run.failed == run.settings.limits.max_failures) run.given_up = true;
}

}  // namespace lmstress::load
