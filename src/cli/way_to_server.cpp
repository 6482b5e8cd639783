#include "cli/way_to_server.hpp"

#include "cli/run_to_end.hpp"
#include "net/platform.hpp"
#include "net/tcp_stream.hpp"
#include "net/tls_stream.hpp"
#include "report/printable.hpp"
#include "report/warnings.hpp"
#include "server/apply_settings.hpp"
#include "server/llama_log.hpp"
#include "server/model_control.hpp"
#include "server/read_facts.hpp"
#include "server/sdk_settings.hpp"
#include "workload/api_use.hpp"
#include "workload/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <utility>

namespace lmstress::cli {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t other_files = 32;  // those of the program itself

result<void> make_room_for(std::uint64_t streams, std::string_view flag) {
    const std::uint64_t wanted = streams + other_files;
    const std::uint64_t granted = net::platform::raise_file_limit(wanted);
    if (granted >= wanted) return {};
    return error{errc::too_many_files,
                 fmt::format("{} streams need {} open files, and this process may have {}", streams,
                             wanted, granted),
                 fmt::format("Raise the hard limit (ulimit -Hn {}), or take a {} of at most {}.",
                             wanted, flag, granted > other_files ? granted - other_files : 0)};
}

}  // namespace

result<way_to_server> way_to_server::make(asio::io_context& context, clock& time,
                                          const net::endpoint& at, const target_settings& target) {
    net::destination to{at.host, at.port};
    const net::socket_use use{target.quick_ack, target.kernel_times};
    if (!at.tls) {
        return way_to_server{
            context, time, at,
            std::make_unique<net::tcp_transport>(context.get_executor(), std::move(to), use)};
    }
    auto made = net::tls_transport::make(context.get_executor(), std::move(to),
                                         {target.verify_tls, target.ca_file}, use);
    if (!made) return made.error();
    return way_to_server{context, time, at, *std::move(made)};
}

result<std::string> way_to_server::load(const scenario& s) {
    // A number of slots that is asked for has the model loaded with it.
    if (s.server.parallel) return std::string{};
    const auto who = run_to_end(context_, server::identify(time_, *transport_, at_, s.target));
    if (!who) return who.error();
    if (!who->native) return std::string{"--load: no API of this server loads models."};
    if (!who->cold) return std::string{};
    const server::way to{time_, *transport_, at_, s.target};
    const auto done = run_to_end(context_, server::load_model(to, who->model, {}));
    if (!done) return done.error();
    return fmt::format("{} was loaded{}.", done->instance,
                       done->seconds ? fmt::format(" in {:.1f} s", *done->seconds) : "");
}

result<std::string> way_to_server::unload(const scenario& s) {
    const server::way to{time_, *transport_, at_, s.target};
    const auto all = run_to_end(context_, server::read_catalog(to));
    if (!all) return all.error();
    const server::catalog_entry* used = server::find_entry(all->models, s.target.model);
    if (used == nullptr || used->instances.empty()) return std::string{};
    std::string ids;
    for (const server::model_instance& i : used->instances) {
        const auto gone = run_to_end(context_, server::unload_instance(to, i.id));
        if (!gone) return gone.error();
        ids += (ids.empty() ? "" : ", ") + i.id;
    }
    return ids + " was unloaded.";
}

result<server::identity> way_to_server::reach(scenario& s, workload::conversation_needs needs,
                                              std::string_view said, bool quiet) {
    auto who = run_to_end(context_, server::identify(time_, *transport_, at_, s.target));
    if (!who) return who;
    if (const auto unified = server::unified_kv_in_log(said)) {
        who->settings.unified_kv.confirmed = unified;
        who->settings.unified_kv.source = llama_cpp_log;
    }
    // Before a model is loaded anew for a request that cannot be made.
    needs.server_remembers = !who->llama_cpp;
    s.target.api.clear();
    const auto uses = workload::uses_of(s, needs, who->apis);
    if (!uses) return uses.error();
    for (std::size_t i = 0; i < uses->size(); ++i) {
        const std::string_view api = who->apis[i]->name;
        s.target.api += (i == 0 ? "" : ",") + std::string{api};
        auto sentence = report::left_out_sentence(api, (*uses)[i].left_out);
        if (!sentence.empty()) who->warnings.push_back(std::move(sentence));
    }
    if (server::must_reload(*who, s.server) && !quiet) {
        std::fprintf(stderr, "bringing the settings of %s into force ...\n",
                     report::printable(who->model).c_str());
    }
    const auto applied = run_to_end(
        context_, server::apply_settings(time_, *transport_, at_, s.target, s.server, *who));
    if (!applied) return applied.error();
    const server::way to{time_, *transport_, at_, s.target};
    who->facts = run_to_end(context_, server::read_facts(to));
    s.target.model = who->model;
    return who;
}

result<std::unique_ptr<server::state_watch>> way_to_server::watch(
    const scenario& s, const server::identity& who) const {
    const server::way to{time_, *transport_, at_, s.target};
    auto made =
        std::make_unique<server::state_watch>(to, who.instance.empty() ? who.model : who.instance);
    const auto opened = run_to_end(context_, made->open());
    if (!opened) return opened.error();
    return made;
}

result<std::unique_ptr<server::file_upload>> way_to_server::upload(
    const scenario& s, std::vector<workload::image_file>& images) const {
    const server::way to{time_, *transport_, at_, s.target};
    auto made = std::make_unique<server::file_upload>(to);
    const auto opened = run_to_end(context_, made->open());
    if (!opened) return opened.error();
    for (workload::image_file& i : images) {
        const std::string_view kind = i.media_type.substr(i.media_type.find('/') + 1);
        auto known = run_to_end(context_, made->send(std::string{"image."}.append(kind), i.base64));
        if (!known) return known.error();
        i.identifier = *std::move(known);
    }
    return made;
}

asio::awaitable<server_settings> way_to_server::look_again(const scenario& s,
                                                           server_settings known) const {
    const auto who = co_await server::identify(time_, *transport_, at_, s.target);
    if (!who) co_return known;
    server::identity found = *who;
    co_await server::read_by_sdk(time_, *transport_, at_, s.target, found);
    server_settings now = found.settings;
    now.parallel.requested = known.parallel.requested;
    now.unified_kv.requested = known.unified_kv.requested;
    now.context_length.requested = known.context_length.requested;
    co_return now;
}

result<net::endpoint> find_address(asio::io_context& context, clock& time,
                                   target_settings& target) {
    if (target.further_urls.empty()) return net::parse_url(target.url);
    std::vector<std::string> urls = std::exchange(target.further_urls, {});
    urls.insert(urls.begin(), target.url);
    std::string tried;
    for (const std::string& url : urls) {
        target.url = url;
        const auto at = net::parse_url(url);
        if (!at) return at;
        const auto way = way_to_server::make(context, time, *at, target);
        if (!way) return way.error();
        const auto who = run_to_end(context, server::identify(time, way->transport(), *at, target));
        // One that wants another token or has no such model is one all the same.
        const bool none = !who && (who.error().code == errc::unreachable ||
                                   who.error().code == errc::not_understood);
        if (!none) return at;
        tried += (tried.empty() ? "" : ", ") + url;
    }
    return error{errc::unreachable, "no LLM server answers at any of " + tried,
                 "Start one (LM Studio: lms server start), or give its address with --url."};
}

std::optional<std::uint64_t> slots_of(const server_setting<std::uint64_t>& parallel) {
    return parallel.confirmed ? parallel.confirmed : parallel.requested;
}

result<std::vector<std::uint32_t>> streams_of(const load_settings& load,
                                              std::optional<std::uint64_t> slots) {
    if (load.arrivals.is_open()) {
        // Connections are made as arrivals need them; whether they may all be is known now.
        const std::uint32_t most = load.arrivals.max_in_flight;
        const auto room = make_room_for(most, "--max-in-flight");
        if (!room) return room.error();
        return std::vector<std::uint32_t>(std::max<std::size_t>(load.arrivals.rates.size(), 1),
                                          most);
    }
    std::vector<std::uint32_t> levels;
    for (const stream_count& c : load.concurrency) {
        if (c.is_multiple && !slots) {
            return error{errc::usage,
                         "the server does not say how many slots it has, so --concurrency " +
                             workload::streams_text(c) + " is no number of streams",
                         "Give numbers of streams: --concurrency 1,4,16"};
        }
        const double streams = c.is_multiple ? c.n * static_cast<double>(*slots) : c.n;
        levels.push_back(
            static_cast<std::uint32_t>(std::clamp(std::round(streams), 1.0, 100'000.0)));
    }
    const auto room =
        make_room_for(*std::max_element(levels.begin(), levels.end()), "--concurrency");
    if (!room) return room.error();
    return levels;
}

}  // namespace lmstress::cli
