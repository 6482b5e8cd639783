#include "cli/flags.hpp"

namespace lmstress::cli {
namespace {

/// A switch that is said in one of two words.
void add_words(CLI::App& app, const std::string& name, bool& into, const std::string& yes,
               const std::string& no, const std::string& what) {
    app.add_option_function<std::string>(
           name, [&into, yes](const std::string& text) { into = text == yes; }, what)
        ->check(CLI::IsMember({yes, no}))
        ->default_str(into ? yes : no)
        ->type_name("WORD");
}

void add_engine(CLI::App& app, sim::engine_settings& e) {
    app.add_option("--parallel", e.parallel, "slots: streams that run at once")
        ->type_name("N")
        ->check(whole_number(1, 100'000))
        ->capture_default_str();
    app.add_option("--context-length", e.context_length, "tokens of context")
        ->type_name("N")
        ->check(whole_number(1, 1'000'000'000))
        ->capture_default_str();
    add_words(app, "--unified-kv", e.unified_kv, "on", "off",
              "on: all slots draw on one pool of context; or off");
    add_words(app, "--kv-split", e.divide_context, "divide", "full",
              "with --unified-kv off: divide the context among the slots, or give each the full "
              "one");
    add_duration(app, "--step-base", e.step_base, "time of a step of the engine");
    add_duration(app, "--step-per-stream", e.step_per_stream, "and for each decoding stream");
    add_duration(app, "--prefill-per-token", e.prefill_per_token, "and for each prompt token");
    app.add_option("--prefill-chunk", e.prefill_chunk, "most prompt tokens of a step")
        ->type_name("N")
        ->check(whole_number(1, 1'000'000'000))
        ->capture_default_str();
    add_words(app, "--prefill", e.prefill_alone, "alone", "beside",
              "beside: prompts are processed beside running streams; or alone, as LM Studio's MLX "
              "engine does: while one is, all streams stand still");
    add_duration(app, "--slot-wait", e.longest_wait,
                 "longest wait for a slot, then a request fails; 0 is any time, LM Studio was seen "
                 "to give up after 120s");
    add_words(app, "--orphan-prefill", e.prefill_goes_on, "on", "off",
              "on: the prompt of a client that went away is processed to its end; or off");
}

}  // namespace

CLI::App* add_sim(CLI::App& parent, sim_options& o) {
    CLI::App* sub =
        parent.add_subcommand("sim", "be an LM Studio server with known timing, on loopback");
    CLI::App& app = *sub;
    app.add_option("--port", o.port, "port on 127.0.0.1; 0 takes a free one")
        ->type_name("N")
        ->check(whole_number(0, 65'535))
        ->capture_default_str();
    app.add_option("--model", o.server.model, "the model that is there")
        ->type_name("NAME")
        ->capture_default_str();
    add_engine(app, o.server.engine);
    app.add_flag("--cold", o.server.cold, "no model is in memory at the start");
    app.add_option("--load-seconds", o.server.load_seconds, "time to load a model")
        ->type_name("S")
        ->check(number_within(0, 3600))
        ->capture_default_str();
    add_words(app, "--jit", o.server.jit, "on", "off",
              "on: a model that is not in memory is loaded for the request that names it; or off");
    add_duration(app, "--jit-ttl", o.server.jit_ttl,
                 "and goes when nobody has asked it for so long; 0: it stays");
    add_words(app, "--auto-evict", o.server.auto_evict, "on", "off",
              "on: other models that were loaded so go for it, with all that runs on them; or off");
    app.add_flag("--empty-400-after-close", o.server.empty_400_after_close,
                 "where the client of a stream goes away before its end, the next request gets a "
                 "400 without a body");
    add_words(app, "--tool-arguments", o.server.whole_arguments, "whole", "pieces",
              "of a call of a tool, on OpenAI's chats and Anthropic's messages: pieces, a token "
              "each, or all of them at once when the last is there");
    app.add_option("--characters-per-token", o.server.characters_per_token,
                   "characters of a prompt that count as a token")
        ->type_name("X")
        ->check(number_within(0.1, 100))
        ->capture_default_str();
    app.add_flag("--late-headers", o.server.late_headers,
                 "the head of a stream goes out with its first event, not at once");
    app.add_flag("--ignore-load-config", o.server.ignore_load_config,
                 "load models with the settings above, whatever a request asks for");
    app.add_option("--download-seconds", o.server.download_seconds, "time to download a model")
        ->type_name("S")
        ->check(number_within(0, 3600))
        ->capture_default_str();
    app.add_flag("--downloads-fail", o.server.downloads_fail,
                 "and every download breaks off half way");
    app.add_flag_callback(
        "--only-v0", [&o] { o.server.native = false; },
        "be an LM Studio before 0.4: its REST API v0 and OpenAI's, no /api/v1");
    app.add_option("--api-token", o.server.api_token, "token that requests must carry")
        ->type_name("TOKEN");
    app.add_option_function<std::string>(
           "--sdk-socket",
           [&o](const std::string& text) {
               o.server.sdk_socket = text != "off";
               o.server.sdk_takes_settings = text != "deaf";
           },
           "on: the WebSocket of LM Studio's SDK is there; off; deaf: it is, and a load over it "
           "does "
           "not heed the settings asked for")
        ->check(CLI::IsMember({"on", "off", "deaf"}))
        ->default_str("on")
        ->type_name("WORD");
    add_duration(app, "--tool-time", o.server.tool_time,
                 "time of a tool that the server calls itself, for integrations and remote MCP");
    app.add_flag("--tools-fail", o.server.tools_fail, "and every such call fails");
    add_duration(app, "--lasting", o.lasting, "end after that time; 0: not by itself");
    app.add_option("--truth-log", o.truth_log, "file for what was really sent when, as JSONL")
        ->type_name("FILE");
    app.add_option("--fault", o.faults,
                   "what goes wrong with chat requests, of the list below, and with which share of "
                   "them: reset-mid is all, reset-mid:0.1 a tenth; may be repeated")
        ->expected(1)
        ->take_all()
        ->type_name("KIND[:RATE]");
    app.add_option_function<std::string>(
           "--fault-event",
           [&o](const std::string& text) {
               o.server.fault_event_moves = text == "each";
               if (text != "each") o.server.fault_event = std::stoull(text);
           },
           "event of an answer, from 0, that drop-event, double-event and swap-events strike; "
           "each: "
           "the first of the first answer, the second of the second and so on; else one in its "
           "middle")
        ->check(CLI::IsMember({"each"}) | whole_number(0, 1'000'000'000))
        ->type_name("N");
    app.footer("\nFaults:\n" + sim::describe_faults());
    return sub;
}

}  // namespace lmstress::cli
