#include "cli/variant_session.hpp"

#include "cli/model_text.hpp"
#include "cli/options.hpp"
#include "cli/run_to_end.hpp"
#include "cli/several_runs.hpp"
#include "report/printable.hpp"
#include "server/model_control.hpp"
#include "server/sdk_config.hpp"
#include "server/sdk_load.hpp"
#include "server/sdk_settings.hpp"
#include "workload/server_command.hpp"
#include "workload/sweep_plan.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <string_view>
#include <utility>

namespace lmstress::cli {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

/// What a placeholder becomes: a text without its quotes.
std::string word_of(const std::string& json_text) {
    const json::value v = json::parse(json_text);
    return v.is_string() ? std::string{v.get_string()} : json_text;
}

/// Puts a value into the places of a word that are named so.
void fill(std::string& words, const std::string& name, const std::string& value) {
    const std::string place = '{' + name + '}';
    for (std::size_t at = 0; (at = words.find(place, at)) != std::string::npos;) {
        words.replace(at, place.size(), value);
        at += value.size();
    }
}

/// Word by word: a path may have blanks and quotes of its own.
result<void> fill_command(std::string& command, const server_variant& v) {
    auto words = workload::words_of_command(command);
    if (!words) return words.error();
    for (std::string& word : *words) {
        for (const auto& [name, text] : v.fields) fill(word, name, word_of(text));
        if (!v.model.empty()) fill(word, "model", v.model);
    }
    command = workload::typed_words(*words);
    return {};
}

/// Of the command that starts the server under a variant; `s` takes over where it will be.
result<std::vector<std::string>> words_for(scenario& s, const server_variant& v, bool url_given) {
    const auto filled = fill_command(s.server.command, v);
    if (!filled) return filled.error();
    if (!v.model.empty()) s.target.model.clear();
    return place_own_server(s, url_given);
}

/// A place that nothing fills is found before anything is begun.
result<void> check_words(scenario s, const server_variant& v, bool url_given) {
    if (v.parallel) s.server.parallel = v.parallel;
    if (v.unified_kv) s.server.unified_kv = v.unified_kv;
    if (v.context_length) s.server.context_length = v.context_length;
    const auto words = words_for(s, v, url_given);
    return words ? result<void>{} : words.error();
}

bool has_place(const std::string& words, std::string_view name) {
    return words.find('{' + std::string{name} + '}') != std::string::npos;
}

error no_place(std::string_view name) {
    return {errc::usage,
            "the sweep goes over " + std::string{name} + ", and --server-command has no {" +
                std::string{name} + "} to put it in",
            "Put it there, as in: llama-server -m model.gguf --parallel {parallel} {kv_flag} "
            "-c {context_length} --port {port}"};
}

bool loads_anew(const server_variant& v) {
    return v.parallel || v.unified_kv || v.context_length || !v.fields.empty() || !v.model.empty();
}

/// What a load takes over REST and the list of the models tells.
constexpr std::array<std::string_view, 6> kept_names = {
    "context_length",          "parallel",    "eval_batch_size", "flash_attention",
    "offload_kv_cache_to_gpu", "num_experts",
};

/// A model without experts is listed with 0 of them, which no load takes.
bool is_set(const json::value* value) {
    return value != nullptr && !value->is_null() && *value != json::value{0};
}

/// Of an instance: by the list, and unified KV, which that does not tell, by the SDK's socket.
asio::awaitable<json::object> settings_now(server::way to, server::model_instance instance) {
    json::object out;
    for (const std::string_view name : kept_names) {
        const json::value* value = instance.config.if_contains(name);
        if (is_set(value)) out[name] = *value;
    }
    server::identity id;
    id.native = true;
    id.instance = instance.id;
    co_await server::read_by_sdk(to.time, to.transport, to.at, to.target, id);
    const auto& unified_kv = id.settings.unified_kv.confirmed;
    if (unified_kv) out["unified_kv"] = *unified_kv;
    co_return out;
}

/// As they were before the sweep came: of a model that was not in memory nothing.
asio::awaitable<result<json::object>> settings_before(server::way to, kept_settings& kept,
                                                      const server::catalog_entry& model) {
    const auto known = kept.of_model.find(model.key);
    if (known != kept.of_model.end()) co_return known->second;
    json::object out;
    if (!model.instances.empty()) out = co_await settings_now(to, model.instances.front());
    const auto noted = kept.note(model.key, out);
    if (!noted) co_return noted.error();
    kept.of_model.emplace(model.key, out);
    co_return out;
}

/// As LM Studio spells them. What nobody asked for stays what it was, for unloading forgets it; but
/// for unified KV, which would have each model loaded over the socket of the SDK.
json::object settings_of(const scenario& s, const server_variant& v, json::object before) {
    json::object out = std::move(before);
    out.erase("unified_kv");
    if (s.server.parallel) out["parallel"] = *s.server.parallel;
    if (s.server.unified_kv) out["unified_kv"] = *s.server.unified_kv;
    if (s.server.context_length) out["context_length"] = *s.server.context_length;
    for (const auto& [name, text] : v.fields) out[name] = json::parse(text);
    return out;
}

/// Where unified KV came out otherwise than it was before the sweep.
void tell_lost_kv(const kept_settings& kept, const server::identity& who) {
    const auto known = kept.of_model.find(who.model);
    if (known == kept.of_model.end()) return;
    const json::value* before = known->second.if_contains("unified_kv");
    const auto& now = who.settings.unified_kv;
    if (before == nullptr || now.requested || !now.confirmed) return;
    if (*before == json::value{*now.confirmed}) return;
    const char* was = *now.confirmed ? "off" : "on";
    std::fprintf(stderr,
                 "unified KV was %s before the sweep, and is %s now that the model was loaded "
                 "anew: --unified-kv %s has it loaded with that\n",
                 was, *now.confirmed ? "on" : "off", was);
}

asio::awaitable<result<server::loaded_model>> load_anew(server::way to, std::string model,
                                                        json::object settings) {
    if (!settings.contains("unified_kv")) {
        auto done = co_await server::load_model(to, model, settings);
        co_return done;
    }
    for (const auto& member : settings) {
        const json::object alone{{member.key(), member.value()}};
        if (!server::fields_of(alone, server::model_kind::llm).empty()) continue;
        const std::string name{std::string_view{member.key()}};
        co_return error{errc::refused,
                        "unified KV is set over the socket of LM Studio's SDK, which has no load "
                        "setting " +
                            name + " that lmstress knows",
                        "Leave one of the two out: without unified KV the REST API is asked."};
    }
    server::sdk_load_request request{.model = model, .settings = settings};
    const std::function<void(double)> unseen = [](double) {};
    auto done = co_await server::load_by_sdk(to, std::move(request), unseen);
    co_return done;
}

/// What else is in memory would stand beside the model that a sweep over models measures, and may
/// leave it no room.
asio::awaitable<result<void>> unload_others(server::way to,
                                            const std::vector<server::catalog_entry>& models,
                                            const server::catalog_entry& used, bool quiet) {
    for (const server::catalog_entry& other : models) {
        if (&other == &used) continue;
        for (const server::model_instance& i : other.instances) {
            if (!quiet) {
                std::fprintf(stderr,
                             "unloading %s, which was in memory: each model is measured alone, and "
                             "it is not loaded again\n",
                             report::printable(i.id).c_str());
            }
            const auto gone = co_await server::unload_instance(to, i.id);
            if (!gone) co_return gone.error();
        }
    }
    co_return result<void>{};
}

/// What of a load did not come out as it was asked for, by the list of what is loaded. Of the
/// settings that every server has a run finds out for itself. Where the list tells of nothing,
/// `said` is what is known.
asio::awaitable<std::vector<std::string>> otherwise(server::way to, std::string key,
                                                    json::object asked, std::string said) {
    std::vector<std::string> out;
    const auto all = co_await server::read_catalog(to);
    const server::catalog_entry* used = all ? server::find_entry(all->models, key) : nullptr;
    const bool told = used != nullptr && !used->instances.empty();
    const json::object in_force = told ? used->instances.front().config : json::object{};
    const bool untold = server::differences(asked, in_force).empty();
    for (const char* of_run : {"parallel", "unified_kv", "context_length"}) asked.erase(of_run);
    for (const std::string& what : server::differences(asked, in_force)) {
        out.push_back("the server says " + what);
    }
    if (untold && !asked.empty()) out.push_back(std::move(said));
    co_return out;
}

/// LM Studio's model anew; what of it is otherwise than asked. Nothing is done where the server is
/// none: what is asked of it is then read back as far as it tells.
asio::awaitable<result<std::vector<std::string>>> reload(server::way to, const scenario& s,
                                                         const server_variant& v,
                                                         kept_settings& kept,
                                                         const wire::secrets& hidden, bool quiet) {
    std::vector<std::string> not_as_asked;
    const auto all = co_await server::read_catalog(to);
    if (!all || !all->native) {
        if (v.fields.empty()) co_return not_as_asked;
        co_return error{errc::usage,
                        "the server loads no models over its API, so " + v.fields.front().first +
                            " cannot be set",
                        "A server of your own takes it by a place {" + v.fields.front().first +
                            "} in --server-command."};
    }
    const server::catalog_entry* used = nullptr;
    if (!s.target.model.empty()) {
        used = server::find_entry(all->models, s.target.model);
    } else {
        const auto loaded =
            std::find_if(all->models.begin(), all->models.end(),
                         [](const server::catalog_entry& m) { return !m.instances.empty(); });
        if (loaded != all->models.end()) used = &*loaded;
        if (used == nullptr && all->models.size() == 1) used = &all->models.front();
    }
    if (used == nullptr) {
        co_return error{errc::model_not_there,
                        s.target.model.empty()
                            ? std::string{"no model is in memory, and none is named"}
                            : "the server has no model " + s.target.model,
                        "Name one with --model: lmstress models list tells which there are."};
    }
    if (!v.model.empty()) {
        const auto alone = co_await unload_others(to, all->models, *used, quiet);
        if (!alone) co_return alone.error();
    }
    auto before = co_await settings_before(to, kept, *used);
    if (!before) co_return before.error();
    json::object settings = settings_of(s, v, *std::move(before));
    for (const server::model_instance& i : used->instances) {
        const auto gone = co_await server::unload_instance(to, i.id);
        if (!gone) co_return gone.error();
    }
    const auto done = co_await load_anew(to, used->key, settings);
    if (done) {
        if (!done->untold.empty()) tell(quiet, untold_text(done->untold));
        co_return not_as_asked;
    }
    if (done.error().code != errc::not_in_force) co_return done.error();
    // It is measured all the same: what became of it stands beside the figures.
    complain(hidden_in(done.error(), hidden));
    not_as_asked = co_await otherwise(to, used->key, settings, done.error().message);
    co_return not_as_asked;
}

}  // namespace

result<void> check_variants(const scenario& s, const std::vector<server_variant>& variants,
                            bool url_given) {
    for (const server_variant& v : variants) {
        const bool set = v.parallel || v.unified_kv || v.context_length || !v.fields.empty();
        if (!v.cold || !set) continue;
        return error{errc::usage,
                     "a cold model is loaded by the server when a request comes, with settings of "
                     "the server's own, so " +
                         workload::quoted_name(v) + " cannot be measured",
                     "Sweep over --cold alone, or over models."};
    }
    const std::string& text = s.server.command;
    if (text.empty()) return {};
    for (const server_variant& v : variants) {
        if (v.parallel && !has_place(text, "parallel")) return no_place("parallel");
        if (v.unified_kv && !has_place(text, "kv_flag")) return no_place("kv_flag");
        if (v.context_length && !has_place(text, "context_length"))
            return no_place("context_length");
        if (!v.model.empty() && !has_place(text, "model")) return no_place("model");
        for (const auto& field : v.fields) {
            if (!has_place(text, field.first)) return no_place(field.first);
        }
        if (v.cold) {
            return error{errc::usage,
                         "--cold unloads LM Studio's model before each request, and "
                         "the server is one that --server-command starts"};
        }
        const auto words = check_words(s, v, url_given);
        if (!words) return words;
    }
    return {};
}

result<std::vector<std::string>> open_variant(server_session& session, scenario& s,
                                              const server_variant& v, bool url_given,
                                              kept_settings& kept, server_session::how how) {
    std::vector<std::string> not_as_asked;
    if (!s.server.command.empty()) {
        auto words = words_for(s, v, url_given);
        if (!words) return words.error();
        how.command = *std::move(words);
        const auto opened = session.open(s, how);
        if (!opened) return opened.error();
        return not_as_asked;
    }
    const auto found = session.find(s, how);
    if (!found) return found.error();
    if (loads_anew(v)) {
        if (!how.quiet) {
            std::fprintf(stderr, "loading the model: %s ...\n",
                         report::printable(variant_name(v)).c_str());
        }
        const server::way to{session.time(), session.way().transport(), session.way().at(),
                             s.target};
        auto done =
            run_to_end(session.context(), reload(to, s, v, kept, session.hidden(), how.quiet));
        if (!done) return hidden_in(done.error(), session.hidden());
        not_as_asked = *std::move(done);
    }
    const auto in_force = session.bring_into_force(s, how);
    if (!in_force) return in_force.error();
    if (loads_anew(v) && !how.quiet) tell_lost_kv(kept, session.who());
    return not_as_asked;
}

asio::awaitable<void> unload_all(server::way to, std::string model) {
    const auto all = co_await server::read_catalog(to);
    if (!all) co_return;
    const server::catalog_entry* used = server::find_entry(all->models, model);
    if (used == nullptr) co_return;
    for (const server::model_instance& i : used->instances) {
        const auto gone = co_await server::unload_instance(to, i.id);
        static_cast<void>(gone);
    }
}

}  // namespace lmstress::cli
