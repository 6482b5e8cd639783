#include "cli/dry_run.hpp"

#include "api/api.hpp"
#include "api/body_patch.hpp"
#include "cli/conversations.hpp"
#include "cli/options.hpp"
#include "load/arrivals.hpp"
#include "load/run_context.hpp"
#include "net/url.hpp"
#include "report/printable.hpp"
#include "report/warnings.hpp"
#include "wire/json_writer.hpp"
#include "wire/plural.hpp"
#include "wire/secrets.hpp"
#include "wire/short_number.hpp"
#include "workload/api_use.hpp"
#include "workload/server_command.hpp"
#include "workload/values.hpp"

#include <fmt/format.h>

namespace lmstress::cli {
namespace {

target_settings without_secrets(target_settings t) {
    if (!t.api_token.empty()) t.api_token = "***";
    for (auto& header : t.headers) header.second = "***";
    return t;
}

/// An indented body, as it would be sent but for its blanks.
std::string laid_out(const std::string& json) {
    std::string out;
    wire::json_writer{out, wire::json_writer::style::indented}.laid_out(json);
    return out;
}

std::string body_of(const scenario& s, const api::api& api, const api::field_texts& fields,
                    const workload::conversation& first, const std::vector<api::image>& shown) {
    const std::string_view model = s.target.model;
    api::chat_request asked{.model = model.empty() ? "<the model that is loaded>" : model,
                            .prompt = {},
                            .system_prompt = s.workload.system_prompt_in_effect(),
                            .max_tokens = s.workload.max_tokens,
                            .seed = s.workload.seed,
                            .images = shown,
                            .integrations = s.workload.integrations};
    first.ask(asked);
    return api::body_patch{fields, s.request.extra, api.set_field}.apply(api.request_body(asked));
}

/// Megabytes of them would hide the request.
std::vector<api::image> without_bytes(std::vector<api::image> shown) {
    for (api::image& i : shown) i.base64 = "<the image>";
    return shown;
}

std::string first_request(const scenario& s, const net::endpoint& at, const api::api& api,
                          const api::field_texts& fields, const workload::conversation& first,
                          const std::vector<api::image>& shown, const std::string& id,
                          std::uint32_t lane) {
    std::string head = load::request_line_and_fields(at, api, without_secrets(s.target));
    if (api.message != nullptr) {
        std::vector<api::image> named = shown;
        for (api::image& i : named) i.identifier = "<what the server calls it>";
        const std::string text = api.message(lane + 1, body_of(s, api, fields, first, named));
        std::erase(head, '\r');
        return head + laid_out(wire::without_secrets(text)) + '\n';
    }
    head += fmt::format("x-request-id: {}-{}\r\nContent-Length: ", lane, id);
    std::string out;
    const std::size_t length = body_of(s, api, fields, first, shown).size();
    for (const char c : head + std::to_string(length) + "\r\n") {
        if (c != '\r') out += c;
    }
    const std::string body = body_of(s, api, fields, first, without_bytes(shown));
    return out + '\n' + laid_out(wire::without_secrets(body)) + '\n';
}

std::string turns_text(const workload::conversation_needs& needs, const std::string& file,
                       workload::conversation::history how) {
    if (needs.turns <= 1) return {};
    const bool kept = how == workload::conversation::history::remembered;
    return fmt::format("turns      {}{} a conversation, the earlier ones {}\n",
                       file.empty() ? "" : "up to ", needs.turns,
                       kept ? "remembered by the server" : "sent again with each");
}

std::string open_plan(const load_settings& load, std::uint64_t seed, std::size_t apis,
                      std::span<const workload::trace_entry> trace) {
    std::string out;
    const arrival_settings& a = load.arrivals;
    for (std::size_t i = 0; i < std::max<std::size_t>(a.rates.size(), 1); ++i) {
        const load::arrival_plan p = load::plan_arrivals(load, i, seed, apis, trace);
        out +=
            fmt::format("{}{}, {}: {}{}\n", i == 0 ? "open loop  " : "           ",
                        wire::rate_text(p.load.requested_rate), p.load.arrivals,
                        wire::plural(p.at.size(), "arrival"),
                        p.at.empty() ? ""
                                     : fmt::format(" from {:.3f} s to {:.3f} s",
                                                   static_cast<double>(p.at.front().count()) / 1e9,
                                                   static_cast<double>(p.at.back().count()) / 1e9));
    }
    return out +
           fmt::format("           at most {} in flight, the others are shed\n", a.max_in_flight);
}

std::string plan(const load_settings& load, std::uint64_t seed, std::size_t apis,
                 std::span<const workload::trace_entry> trace) {
    std::string levels;
    for (const stream_count& c : load.concurrency) {
        levels += (levels.empty() ? "" : ", ") + workload::streams_text(c);
    }
    const bool open = load.arrivals.is_open();
    const std::uint64_t n =
        open ? std::max<std::size_t>(load.arrivals.rates.size(), 1) : load.concurrency.size();
    std::string out =
        open ? open_plan(load, seed, apis, trace)
             : fmt::format("levels     {} of {} stream{}\n", n, levels, levels == "1" ? "" : "s");
    const auto times = static_cast<std::int64_t>(n);
    const auto warmup = load.warmup_in_effect();
    const auto text = [](nanoseconds d) { return workload::duration_text(d); };
    if (load.requests) {
        out +=
            fmt::format("requests   {} in the window of each level{}, {} in all{}\n",
                        *load.requests, apis > 1 ? " over each API" : "", *load.requests * n * apis,
                        warmup > nanoseconds{0} ? ", and those of the warm-up" : "");
        out += fmt::format(
            "length     {} of warm-up a level, and as long as the server takes for the requests\n",
            text(warmup));
        return out;
    }
    if (open && load.ends_with_arrivals()) {
        return out + fmt::format("length     until the last of them was sent, at most {} more\n",
                                 text(load.grace));
    }
    const nanoseconds duration = load.duration_in_effect();
    const nanoseconds least = (warmup + duration) * times;
    if (!open) out += "requests   as many as the server answers in that time\n";
    out += fmt::format("length     {} of warm-up and {} of window a level: {}, at most {}\n",
                       text(warmup), text(duration), text(least), text(least + load.grace * times));
    return out;
}

}  // namespace

int dry_run(const scenario& s, const workload::prompts& prompts,
            const std::optional<workload::conversation_file>& conversations,
            std::span<const workload::image_file> images, const std::string& id,
            const std::vector<std::string>& server_words) {
    const auto at = net::parse_url(s.target.url);
    if (!at) return complain(at.error());
    const bool open = s.target.api == "auto";
    // As the server would have it: LM Studio's own where it takes all of the fields.
    auto apis = api::find_apis(open ? "lmstudio" : s.target.api);
    if (open && !api::check_request_fields("lmstudio", s.request.fields)) {
        apis = api::find_apis("openai-chat");
    }
    const workload::conversation_needs needs = needs_of(s.workload, conversations);
    const auto uses = workload::uses_of(s, needs, apis);
    if (!uses) return complain(uses.error());
    std::string out;
    std::string names;
    std::string turns;
    std::string left_out;
    for (std::size_t i = 0; i < apis.size(); ++i) {
        const workload::api_use& use = (*uses)[i];
        const auto lane = static_cast<std::uint32_t>(i);
        const workload::conversation first{
            conversations ? conversations->at(id, lane, 0)
                          : workload::script_of_prompts(prompts, s.workload, id, lane, 0),
            use.history};
        out += first_request(s, *at, *apis[i], use.fields, first, workload::images_of(images), id,
                             lane) +
               '\n';
        turns = turns_text(needs, s.workload.conversation.file, use.history);
        const auto sentence = report::left_out_sentence(apis[i]->name, use.left_out);
        if (!sentence.empty()) left_out += "left out   " + sentence + '\n';
        names += (names.empty() ? "" : ", ") + std::string{apis[i]->name};
    }
    if (!server_words.empty()) out += "command    " + workload::shown_words(server_words) + '\n';
    out += fmt::format("server     {}\n", s.target.url);
    for (const std::string& url : s.target.further_urls) {
        out += fmt::format("           {} where none answers there\n", url);
    }
    out += fmt::format("API        {}{}{}\n", names,
                       open ? ", unless the server has another: --api says which" : "",
                       apis.size() > 1 ? ", in turn" : "");
    out += left_out;
    if (s.server.parallel) out += fmt::format("parallel   {}\n", *s.server.parallel);
    out += turns;
    out += plan(s.load, s.workload.seed, apis.size(), prompts.trace());
    out +=
        fmt::format("results    {}\n", s.output.directory.empty() ? "lmstress-results/<time>-<run>"
                                                                  : s.output.directory);
    const auto said =
        say(report::printable_lines(out) +
            (server_words.empty() ? "Nothing was sent.\n" : "Nothing was started or sent.\n"));
    return said ? 0 : complain(said.error());
}

}  // namespace lmstress::cli
