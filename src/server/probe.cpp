#include "server/probe.hpp"

#include "api/json_frame.hpp"
#include "net/timers.hpp"
#include "server/answer_error.hpp"
#include "server/catalog.hpp"
#include "server/identify.hpp"
#include "server/model_list.hpp"
#include "server/probe_stream.hpp"
#include "server/read_facts.hpp"
#include "server/routes.hpp"
#include "server/sdk_socket.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lmstress::server {

namespace asio = boost::asio;

namespace {

finding ok(std::string_view about, std::string detail) {
    return {verdict::ok, std::string{about}, std::move(detail), false};
}
finding no(std::string_view about, std::string detail) {
    return {verdict::no, std::string{about}, std::move(detail), false};
}
finding unknown(std::string_view about, std::string detail) {
    return {verdict::unknown, std::string{about}, std::move(detail), false};
}

/// Lists of models, which need no body to be asked for.
struct list_line {
    std::string_view about;
    const char* path;
};
constexpr list_line native_list{"LM Studio v1 models", "/api/v1/models"};
constexpr list_line v0_list{"LM Studio v0 models", "/api/v0/models"};
constexpr list_line openai_list{"OpenAI models", "/v1/models"};

/// What the server answered to the questions for its models.
struct answers {
    http_answer native;
    http_answer v0;
    http_answer openai;
    [[nodiscard]] bool refused() const {
        return refuses(native) || (!native_catalog(native) && refuses(openai));
    }
};

finding which_server(const answers& all, const server_facts& facts) {
    if (facts.software == "LM Studio" && facts.version.empty()) {
        const char* age = native_catalog(all.native) ? "0.4 or later"
                          : refuses(all.native)      ? "of unknown age"
                                                     : "before 0.4";
        return ok("server", fmt::format("LM Studio, {} (it does not tell its version)", age));
    }
    const bool known = !facts.version.empty() || !facts.build.empty();
    if (known) return ok("server", software_text(facts));
    return unknown("server", facts.any() ? "it says: " + facts.software
                                         : std::string{"it does not say what it is"});
}

finding which_hardware(const server_facts& facts) {
    if (!facts.hardware) return unknown("hardware", "only LM Studio tells, over its SDK's socket");
    std::string text = hardware_text(*facts.hardware);
    for (const std::string& runtime : facts.runtimes) text += ", runtime " + runtime;
    return ok("hardware", std::move(text));
}

template <class List>
finding which_list(const list_line& line, const List& list, const http_answer& answer) {
    if (list) {
        return ok(line.about,
                  fmt::format("GET {}: {}", line.path, wire::plural(list->size(), "model")));
    }
    if (!answer.complete) return unknown(line.about, fmt::format("GET {}: no answer", line.path));
    const std::string said = fmt::format("GET {}: HTTP {}", line.path, answer.head.status);
    if (refuses(answer)) return unknown(line.about, said + ", without the token that it wants");
    return no(line.about, said + ", no list");
}

/// "POST /v1/messages: HTTP 501, it says: not in this build"
std::string route_text(const api::api& api, const http_answer& answer) {
    std::string out = fmt::format("POST {}", api.path);
    if (!answer.complete) return out + ": no answer";
    out += fmt::format(": HTTP {}", answer.head.status);
    const std::string said = complaint_in(answer).substr(0, 100);
    return said.empty() ? out : out + ", it says: " + said;
}

finding which_route(const api::api& api, const http_answer& answer) {
    switch (route_by(answer)) {
        case route::there:
            return ok(api.name, fmt::format("POST {}", api.path));
        case route::missing:
            return no(api.name, route_text(api, answer));
        case route::unsure:
            break;
    }
    return unknown(api.name, route_text(api, answer));
}

asio::awaitable<finding> which_socket(way to, const api::api& api) {
    constexpr nanoseconds wait = std::chrono::seconds{2};
    sdk_socket sdk{to.time, to.transport, to.at, to.target};
    std::string name_space{api.path.substr(1)};
    const auto opened = co_await sdk.open(std::move(name_space), wait);
    if (opened) co_return ok(api.name, fmt::format("WebSocket {}", api.path));
    const std::string& why = opened.error().message;
    co_return opened.error().code == errc::unreachable ? unknown(api.name, why) : no(api.name, why);
}

/// A line for each API that a run can use.
asio::awaitable<void> ask_apis(way to, std::vector<finding>& found) {
    const std::vector<const api::api*> wanted =
        to.target.api == "auto" ? std::vector<const api::api*>{} : api::find_apis(to.target.api);
    for (const api::api& api : api::apis()) {
        finding line;
        if (api.body == api::framing::web_socket) {
            line = co_await which_socket(to, api);
        } else {
            std::string path{api.path};
            const http_answer answer = co_await ask_route(to, std::move(path));
            line = which_route(api, answer);
        }
        line.needed = std::find(wanted.begin(), wanted.end(), &api) != wanted.end();
        found.push_back(std::move(line));
    }
}

std::string settings_text(const catalog_entry& m) {
    std::string out;
    for (const model_instance& i : m.instances) {
        out += (out.empty() ? "" : "; ") + i.id;
        if (const auto n = api::count_at(i.config, "parallel")) {
            out += fmt::format(", parallel {}", *n);
        }
        if (const auto n = api::count_at(i.config, "context_length")) {
            out += fmt::format(", context {}", *n);
        }
    }
    return out;
}

/// Models in memory, and how they are set up, where an API of LM Studio tells.
std::optional<finding> models_of_lmstudio(const answers& all) {
    auto models = native_catalog(all.native);
    if (!models) models = v0_catalog(all.v0);
    if (!models) return std::nullopt;
    std::string loaded;
    for (const catalog_entry& m : *models) {
        if (m.type == "embedding" || m.instances.empty()) continue;
        loaded += (loaded.empty() ? "" : "; ") + settings_text(m);
    }
    if (loaded.empty()) return no("models", "none is in memory: lmstress models load");
    return ok("models", "in memory: " + loaded);
}

std::string first_in_memory(const std::vector<catalog_entry>& models) {
    for (const catalog_entry& m : models) {
        if (m.type == "llm" && !m.instances.empty()) return m.key;
    }
    return {};
}

finding which_models(const answers& all, const result<identity>& who) {
    if (auto told = models_of_lmstudio(all)) return *std::move(told);
    if (!who) return no("models", who.error().message);
    const server_settings& s = who->settings;
    std::string detail = who->model;
    if (s.parallel.confirmed) {
        detail += ", " + wire::plural(*s.parallel.confirmed, "slot");
    }
    if (s.context_length.confirmed) {
        detail += fmt::format(", context {}", *s.context_length.confirmed);
    }
    return s.parallel.confirmed ? ok("models", detail)
                                : unknown("models", detail + "; slots and context are not told");
}

struct deaf_sink final : wire::http_sink {
    void on_head(const wire::http_head&) override {}
    void on_body(std::string_view) override {}
};

/// Reads one answer to its end. Whether it came whole and the connection stays.
asio::awaitable<bool> read_answer(net::byte_stream& stream) {
    deaf_sink sink;
    wire::http_response response{sink};
    std::array<char, 16'384> buffer;
    while (response.state() == wire::http_response::status::need_more) {
        const net::stamped_bytes bytes = co_await stream.read(buffer);
        if (bytes.error || bytes.count == 0) co_return false;
        response.push({buffer.data(), bytes.count});
    }
    co_return response.state() == wire::http_response::status::complete&& response.reusable();
}

asio::awaitable<finding> second_request(way to, std::string path) {
    const auto stream = to.transport.open();
    net::alarm too_long{to.time, [&] { stream->close(); }};
    too_long.set(to.time.now() + patience);
    const std::string about = "same socket";
    const net::connect_result connected = co_await stream->connect();
    if (connected.failed) co_return unknown(about, connected.message);
    const std::string head = head_of("GET", to.at, to.target, path) + "\r\n";
    const std::string no_body;
    co_await stream->write(head, no_body);
    const bool kept = co_await read_answer(*stream);
    if (!kept) co_return no(about, "the server closes after one request: each costs a connection");
    co_await stream->write(head, no_body);
    const bool again = co_await read_answer(*stream);
    co_return again ? ok(about, "a second request on it is answered")
                    : no(about, "the server keeps it, but does not answer a second request");
}

/// Why no short answer is asked for. Nothing is loaded for a probe, unless its model was named.
std::string obstacle_to_stream(const way& to, const result<identity>& who) {
    if (!who) return "not tried: " + who.error().message;
    if (who->cold && to.target.model.empty()) {
        return "not tried: no model is in memory (name one with --model to have it loaded)";
    }
    const api::api& api = *who->apis.front();
    if (api.embeds) return fmt::format("{} answers with vectors, which are no stream", api.name);
    return {};
}

asio::awaitable<void> streaming(way to, result<identity> who, std::vector<finding>& found) {
    const std::string why = obstacle_to_stream(to, who);
    if (!why.empty()) {
        for (const std::string_view about : stream_lines) found.push_back(unknown(about, why));
        co_return;
    }
    auto lines = co_await try_stream(to, *std::move(who));
    for (finding& f : lines) found.push_back(std::move(f));
}

/// llama.cpp lists its models to everybody; its settings it keeps for those who have the key.
constexpr std::array guarded = {"/v1/models", "/props"};

finding refused_token(const target_settings& target) {
    finding f = no("token", wants_token(target).message + ": LM_API_TOKEN");
    f.needed = true;
    return f;
}

/// Whether a token is needed.
asio::awaitable<finding> token(way to) {
    const std::string_view about = "token";
    if (to.target.api_token.empty()) {
        const http_answer props = co_await get(to, "/props");
        if (refuses(props)) co_return refused_token(to.target);
        co_return ok(about, to.target.headers.empty() ? "none is needed"
                                                      : "none is needed beside the headers given");
    }
    target_settings nobody = to.target;
    nobody.api_token.clear();
    const way unknown_user{to.time, to.transport, to.at, nobody};
    for (const char* path : guarded) {
        const http_answer without = co_await get(unknown_user, path);
        if (!without.complete) co_return unknown(about, "the server does not answer without it");
        if (!refuses(without)) continue;
        const http_answer with = co_await get(to, path);
        co_return refuses(with) ? refused_token(to.target)
                                : ok(about, "needed, and the given one is accepted");
    }
    co_return ok(about, "none is needed: the given one is not looked at");
}

/// The lines that only the answers of the server fill.
void add_unasked(const std::string& why, std::vector<finding>& found) {
    for (const list_line& line : {native_list, v0_list, openai_list}) {
        found.push_back(unknown(line.about, why));
    }
    for (const api::api& api : api::apis()) found.push_back(unknown(api.name, why));
    found.push_back(unknown("models", why));
    found.push_back(unknown("same socket", why));
    for (const std::string_view about : stream_lines) found.push_back(unknown(about, why));
}

}  // namespace

asio::awaitable<result<std::vector<finding>>> probe(way to) {
    answers all;
    all.native = co_await get(to, native_list.path);
    if (!all.native.complete) co_return unreachable(to.target, all.native);
    const server_facts facts = co_await read_facts(to);
    all.v0 = co_await get(to, v0_list.path);
    all.openai = co_await get(to, openai_list.path);
    std::vector<finding> found{which_server(all, facts), which_hardware(facts)};
    if (all.refused()) {
        found.push_back(refused_token(to.target));
        add_unasked("not asked: " + wants_token(to.target).message, found);
        co_return found;
    }
    finding about_token = co_await token(to);
    found.push_back(std::move(about_token));
    const auto v1 = native_catalog(all.native);
    const auto v0 = v0_catalog(all.v0);
    found.push_back(which_list(native_list, v1, all.native));
    found.push_back(which_list(v0_list, v0, all.v0));
    found.push_back(which_list(openai_list, openai_models(all.openai), all.openai));
    found.back().needed = !v1;
    co_await ask_apis(to, found);
    // Before 0.4 the list of a run's own API does not tell what is in memory; v0 does.
    target_settings target = to.target;
    if (!v1 && v0 && target.model.empty()) target.model = first_in_memory(*v0);
    const way there{to.time, to.transport, to.at, target};
    result<identity> who = co_await identify(to.time, to.transport, to.at, target);
    found.push_back(which_models(all, who));
    found.back().needed = to.target.model.empty();
    const char* path = v1 ? native_list.path : openai_list.path;
    finding socket = co_await second_request(to, path);
    found.push_back(std::move(socket));
    co_await streaming(there, std::move(who), found);
    co_return found;
}

std::vector<finding> not_probed(const error& why) {
    const std::string unasked = "not asked, for the reason above";
    std::vector<finding> found{no("server", why.message)};
    found.push_back(unknown("hardware", unasked));
    found.push_back(unknown("token", unasked));
    add_unasked(unasked, found);
    return found;
}

}  // namespace lmstress::server
