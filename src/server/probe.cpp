#include "server/probe.hpp"

#include "api/answer.hpp"
#include "api/json_frame.hpp"
#include "lmstress/version.hpp"
#include "net/timers.hpp"
#include "server/answer_error.hpp"
#include "server/catalog.hpp"
#include "server/identify.hpp"
#include "server/model_list.hpp"
#include "server/sdk_socket.hpp"

#include <fmt/format.h>

#include <array>

namespace lmstress::server {

namespace asio = boost::asio;

namespace {

/// Long enough for a model that is loaded for the request.
constexpr nanoseconds chat_patience = std::chrono::minutes{5};
constexpr std::uint32_t tokens = 16;

finding ok(std::string about, std::string detail) {
    return {verdict::ok, std::move(about), std::move(detail), false};
}
finding no(std::string about, std::string detail) {
    return {verdict::no, std::move(about), std::move(detail), false};
}
finding unknown(std::string about, std::string detail) {
    return {verdict::unknown, std::move(about), std::move(detail), false};
}

/// What the server answered to the questions that each kind of server understands.
struct answers {
    http_answer native;
    http_answer v0;
    http_answer openai;
    http_answer greeting;  // LM Studio's
    http_answer props;     // llama.cpp's
    http_answer version;   // Ollama's
};

bool is_lm_studio(const answers& all) {
    const auto greeting = object_of(all.greeting);
    return greeting && greeting->contains("lmstudio");
}

/// LM Studio's version is told by the socket of its SDK alone; empty where it does not say.
asio::awaitable<std::string> version_by_sdk(way to) {
    constexpr nanoseconds wait = std::chrono::seconds{2};
    sdk_socket sdk{to.time, to.transport, to.at, to.target};
    const auto opened = co_await sdk.open("system", wait);
    if (!opened) co_return std::string{};
    const boost::json::value nothing;
    const auto said = co_await sdk.call("version", nothing, wait);
    const auto* o = said ? said->if_object() : nullptr;
    if (o == nullptr) co_return std::string{};
    std::string text{api::string_at(*o, "version")};
    const auto build = api::count_at(*o, "build");
    if (build && !text.empty()) text += fmt::format(", build {}", *build);
    co_return text;
}

finding which_server(const answers& all, const std::string& sdk_version) {
    if (is_lm_studio(all)) {
        if (!sdk_version.empty()) return ok("server", "LM Studio " + sdk_version);
        return ok("server", native_catalog(all.native)
                                ? "LM Studio, 0.4 or later (it does not tell its version)"
                                : "LM Studio, before 0.4 (it does not tell its version)");
    }
    if (const auto props = object_of(all.props); props && props->contains("build_info")) {
        return ok("server",
                  "llama.cpp, build " + std::string{api::string_at(*props, "build_info")});
    }
    if (const auto version = object_of(all.version); version && version->contains("version")) {
        return ok("server", "Ollama " + std::string{api::string_at(*version, "version")});
    }
    const std::string& says = all.openai.head.server;
    return unknown("server", says.empty() ? "it does not say what it is" : "it says: " + says);
}

template <class List>
finding which_api(std::string about, const std::string& path, const List& list,
                  const http_answer& answer) {
    if (list) {
        return ok(std::move(about), fmt::format("GET {}: {} model{}", path, list->size(),
                                                list->size() == 1 ? "" : "s"));
    }
    return no(std::move(about), fmt::format("GET {}: HTTP {}, no list", path, answer.head.status));
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
    if (s.parallel.confirmed) detail += fmt::format(", {} slots", *s.parallel.confirmed);
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

std::string chat_request_of(const way& to, const identity& who, std::string& body) {
    body = who.apis.front()->request_body({.model = who.model,
                                           .prompt = "Count from one to twenty, in words.",
                                           .max_tokens = tokens});
    const std::string ours = fmt::format(
        "User-Agent: lmstress/{}\r\nAccept: */*\r\nContent-Type: application/json\r\n{}", version,
        who.apis.front()->fields);
    return fmt::format(
        "POST {}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}Content-Length: {}\r\n\r\n",
        to.at.prefix, who.apis.front()->path, to.at.host_header,
        net::header_fields(ours, to.target, who.apis.front()->token_field), body.size());
}

asio::awaitable<std::vector<finding>> short_chat(way to, identity who) {
    stream_notes notes;
    std::string body;
    const std::string head = chat_request_of(to, who, body);
    const auto stream = to.transport.open();
    net::alarm too_long{to.time, [&] { stream->close(); }};
    too_long.set(to.time.now() + chat_patience);
    const net::connect_result connected = co_await stream->connect();
    if (!connected.failed) {
        notes.sent_at(to.time.now());
        co_await stream->write(head, body);
        api::answer answer{*who.apis.front(), notes};
        std::array<char, 16'384> buffer;
        while (!answer.over()) {
            const net::stamped_bytes bytes = co_await stream->read(buffer);
            if (bytes.error) break;
            notes.read_at(bytes.at);
            const bool had_head = answer.has_head();
            if (bytes.count == 0) {
                answer.close();
            } else {
                answer.push({buffer.data(), bytes.count});
            }
            if (!had_head && answer.has_head()) notes.head_at(bytes.at);
        }
    }
    co_return notes.judge();
}

/// Nothing is loaded for a probe, unless its model was named.
asio::awaitable<std::vector<finding>> streaming(way to, result<identity> who) {
    std::string why;
    if (!who) {
        why = "not tried: " + who.error().message;
    } else if (who->cold && to.target.model.empty()) {
        why = "not tried: no model is in memory (name one with --model to have it loaded)";
    }
    if (why.empty() && who->apis.front()->body == api::framing::web_socket) {
        why = "not tried over a WebSocket: lmstress run --requests 1 does";
    }
    if (why.empty()) co_return co_await short_chat(to, *who);
    std::vector<finding> none;
    for (const char* about : {"streams", "headers first", "usage"}) {
        none.push_back(unknown(about, why));
    }
    co_return none;
}

/// llama.cpp lists its models to everybody; its settings it keeps for those who have the key.
constexpr std::array guarded = {"/v1/models", "/props"};

/// Whether a token is needed, of a server that lets this one in.
asio::awaitable<finding> token(way to) {
    const std::string about = "token";
    if (to.target.api_token.empty()) {
        co_return ok(about, to.target.headers.empty() ? "none is needed"
                                                      : "none is needed beside the headers given");
    }
    target_settings nobody = to.target;
    nobody.api_token.clear();
    const way unknown_user{to.time, to.transport, to.at, nobody};
    for (const char* path : guarded) {
        const http_answer answer = co_await get(unknown_user, path);
        if (!answer.complete) co_return unknown(about, "the server does not answer without it");
        if (refuses(answer)) co_return ok(about, "needed, and the given one is accepted");
    }
    co_return ok(about, "none is needed: the given one is not looked at");
}

finding refused_token(const target_settings& target) {
    finding f = no("token", wants_token(target).message + ": LM_API_TOKEN");
    f.needed = true;
    return f;
}

asio::awaitable<answers> ask(way to, http_answer native) {
    answers all;
    all.native = std::move(native);
    all.v0 = co_await get(to, "/api/v0/models");
    all.openai = co_await get(to, "/v1/models");
    all.greeting = co_await get(to, "/lmstudio-greeting");
    all.props = co_await get(to, "/props");
    all.version = co_await get(to, "/api/version");
    co_return all;
}

}  // namespace

asio::awaitable<result<std::vector<finding>>> probe(way to) {
    http_answer native = co_await get(to, "/api/v1/models");
    if (!native.complete) co_return unreachable(to.target, native);
    std::vector<finding> found;
    if (refuses(native)) {
        found.push_back(refused_token(to.target));
        co_return found;
    }
    const answers all = co_await ask(to, std::move(native));
    finding about_token = co_await token(to);
    if (refuses(all.props)) about_token = refused_token(to.target);
    const auto v1 = native_catalog(all.native);
    const auto v0 = v0_catalog(all.v0);
    const auto openai = openai_models(all.openai);
    // Before 0.4 the list of a run's own API does not tell what is in memory; v0 does.
    target_settings target = to.target;
    if (!v1 && v0 && target.model.empty()) target.model = first_in_memory(*v0);
    const way there{to.time, to.transport, to.at, target};
    result<identity> who = co_await identify(to.time, to.transport, to.at, target);
    std::string version;
    if (is_lm_studio(all)) version = co_await version_by_sdk(to);
    found.push_back(which_server(all, version));
    found.push_back(which_api("LM Studio v1", "/api/v1/models", v1, all.native));
    found.push_back(which_api("LM Studio v0", "/api/v0/models", v0, all.v0));
    found.push_back(which_api("OpenAI", "/v1/models", openai, all.openai));
    found.back().needed = !v1;
    found.push_back(std::move(about_token));
    found.push_back(which_models(all, who));
    found.back().needed = to.target.model.empty();
    const std::string path = v1 ? "/api/v1/models" : "/v1/models";
    finding socket = co_await second_request(to, path);
    found.push_back(std::move(socket));
    auto streams = co_await streaming(there, std::move(who));
    for (finding& f : streams) found.push_back(std::move(f));
    co_return found;
}

}  // namespace lmstress::server
