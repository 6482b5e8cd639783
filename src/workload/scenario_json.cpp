#include "lmstress/scenario.hpp"
#include "wire/json_writer.hpp"

namespace lmstress {
namespace {

double seconds(nanoseconds ns) {
    return static_cast<double>(ns.count()) / 1e9;
}

const char* name_of(token_lengths::law law) {
    switch (law) {
        case token_lengths::law::fixed:
            return "fixed";
        case token_lengths::law::uniform:
            return "uniform";
        case token_lengths::law::normal:
            return "normal";
        case token_lengths::law::lognormal:
            return "lognormal";
    }
    return "";
}

const char* name_of(salt_mode mode) {
    switch (mode) {
        case salt_mode::run:
            return "run";
        case salt_mode::seed:
            return "seed";
        case salt_mode::none:
            return "none";
    }
    return "";
}

void write(wire::json_writer& w, const workload_settings& s) {
    w.begin_object().field("prompt", s.prompt).field("prompts_file", s.prompts_file);
    w.key("synthetic");
    if (s.synthetic) {
        w.begin_object().field("law", name_of(s.synthetic->follows));
        w.field("a", s.synthetic->a).field("b", s.synthetic->b).end_object();
    } else {
        w.null();
    }
    w.field("system_prompt", s.system_prompt).field("max_tokens", s.max_tokens);
    w.field("temperature", s.temperature).field("seed", s.seed).field("salt", name_of(s.salt));
    w.end_object();
}

void write(wire::json_writer& w, const deadline_settings& s) {
    w.begin_object().field("connect_seconds", seconds(s.connect));
    w.field("headers_seconds", seconds(s.headers));
    w.field("first_token_seconds", seconds(s.first_token)).field("gap_seconds", seconds(s.gap));
    w.field("tool_gap_seconds", seconds(s.tool_gap)).field("whole_seconds", seconds(s.whole));
    w.end_object();
}

void write(wire::json_writer& w, const load_settings& s) {
    w.begin_object().key("concurrency").begin_array();
    for (const auto n : s.concurrency) w.value(n);
    w.end_array().field("requests", s.requests).key("duration_seconds");
    if (s.requests) {
        w.null();
    } else {
        w.value(seconds(s.duration));
    }
    w.field("warmup_seconds", seconds(s.warmup_in_effect()));
    w.field("grace_seconds", seconds(s.grace)).field("think_time_seconds", seconds(s.think_time));
    w.end_object();
}

}  // namespace

std::string to_json(const scenario& s) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().key("target").begin_object().field("url", s.target.url);
    w.field("api", s.target.api).field("model", s.target.model);
    w.field("verify_tls", s.target.verify_tls).field("ca_file", s.target.ca_file);
    w.field("quick_ack", s.target.quick_ack).end_object();
    w.key("server").begin_object().field("parallel", s.server.parallel);
    w.field("unified_kv", s.server.unified_kv).end_object();
    w.key("workload");
    write(w, s.workload);
    w.key("deadlines");
    write(w, s.deadlines);
    w.key("load");
    write(w, s.load);
    w.key("limits").begin_object().field("max_error_rate", s.limits.max_error_rate).end_object();
    w.key("output").begin_object().field("events", s.output.events).end_object().end_object();
    return out;
}

}  // namespace lmstress
