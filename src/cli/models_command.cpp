#include "cli/ask_server.hpp"
#include "cli/model_text.hpp"
#include "cli/options.hpp"
#include "cli/screen.hpp"
#include "net/timers.hpp"
#include "report/download_line.hpp"
#include "report/printable.hpp"
#include "server/model_control.hpp"
#include "server/sdk_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace lmstress::cli {

namespace asio = boost::asio;

namespace {

using action = models_options::action;

std::vector<server::catalog_entry> chosen(const server::catalog& all, const models_options& o) {
    std::vector<server::catalog_entry> out;
    for (const server::catalog_entry& m : all.models) {
        if (o.only_vision && !m.vision.value_or(false)) continue;
        if (o.only_tools && !m.tool_use.value_or(false)) continue;
        if (o.only_loaded && m.instances.empty()) continue;
        if (!o.type.empty() && m.type != o.type) continue;
        if (o.limit > 0 && out.size() == o.limit) break;
        out.push_back(m);
    }
    return out;
}

/// Each returns the text for stdout, for the one way in which it succeeds.
asio::awaitable<result<std::string>> list(server::way to, const models_options& o) {
    const auto all = co_await server::read_catalog(to);
    if (!all) co_return all.error();
    const auto models = chosen(*all, o);
    if (o.json) co_return models_json(models);
    if (models.empty()) co_return std::string{"no model is like that\n"};
    co_return models_table(models);
}

asio::awaitable<result<std::string>> show(server::way to, const models_options& o) {
    const auto entry = co_await server::read_entry(to, o.name);
    if (!entry) co_return entry.error();
    const server::catalog_entry all = co_await server::with_untold_settings(to, *entry);
    co_return o.json ? model_json(all) : model_page(all);
}

/// How far something is that lasts: on a terminal one line that is drawn over, elsewhere a line
/// when a further tenth is there.
class progress_view {
  public:
    void show(const std::string& text, unsigned percent) {
        if (screen_->is() == screen::kind::terminal) {
            // A line that wraps could not be drawn over.
            const auto room = static_cast<std::size_t>(std::max(screen_->columns() - 1, 1));
            put("\r" + text.substr(0, room) + "\x1b[K");
            drawn_ = true;
        } else if (const int tenth = static_cast<int>(percent / 10); tenth != tenth_) {
            tenth_ = tenth;
            put(text + '\n');
        }
    }
    ~progress_view() {
        if (drawn_) put("\r\x1b[K");
    }
    progress_view() = default;
    progress_view(progress_view&&) = delete;

  private:
    void put(const std::string& text) {
        static_cast<void>(screen_->write(text, std::chrono::milliseconds{100}));
    }

    std::unique_ptr<screen> screen_ = standard_error();
    int tenth_ = -1;
    bool drawn_ = false;
};

/// Of which kind the model is; one that no list holds is taken for an LLM.
asio::awaitable<server::model_kind> kind_of(server::way to, const models_options& o) {
    const auto entry = co_await server::read_entry(to, o.name);
    const bool embeds = entry && entry->type == "embedding";
    co_return embeds ? server::model_kind::embedding : server::model_kind::llm;
}

asio::awaitable<result<server::loaded_model>> load_over_socket(server::way to,
                                                               const models_options& o) {
    const server::model_kind kind = co_await kind_of(to, o);
    server::sdk_load_request request{
        .model = o.name, .kind = kind, .identifier = o.identifier, .settings = o.settings};
    if (o.ttl > nanoseconds{0}) {
        request.ttl_seconds = static_cast<std::uint64_t>(o.ttl / std::chrono::seconds{1});
    }
    progress_view view;
    const std::function<void(double)> show = [&](double part) {
        const auto percent = static_cast<unsigned>(std::clamp(part, 0.0, 1.0) * 100);
        view.show(fmt::format("loading {} {:3} %", report::printable(o.name), percent), percent);
    };
    auto done = co_await server::load_by_sdk(to, request, show);
    co_return done;
}

asio::awaitable<result<std::string>> load_named(server::way to, const models_options& o) {
    if (o.estimate_only) {
        const server::model_kind kind = co_await kind_of(to, o);
        const auto estimate = co_await server::estimate_by_sdk(to, o.name, kind, o.settings);
        if (!estimate) co_return estimate.error();
        co_return estimate_page(o.name, *estimate);
    }
    auto way = o.by_sdk ? load_over_socket(to, o) : server::load_model(to, o.name, o.settings);
    const auto done = co_await std::move(way);
    if (!done) co_return done.error();
    if (!done->untold.empty()) {
        // It may well be in force: nobody can say that it is not.
        complain({errc::refused, untold_text(done->untold),
                  "LM Studio's window shows it: the load settings of the model."});
    }
    const std::string time = done->seconds ? fmt::format(" in {:.1f} s", *done->seconds) : "";
    co_return fmt::format("{} is loaded{}\n{}", report::printable(done->instance), time,
                          config_lines(done->config));
}

asio::awaitable<result<std::string>> unload(server::way to, const models_options& o) {
    std::vector<std::string> ids;
    if (o.all) {
        const auto all = co_await server::read_catalog(to);
        if (!all) co_return all.error();
        for (const server::catalog_entry& m : all->models) {
            for (const server::model_instance& i : m.instances) ids.push_back(i.id);
        }
    } else {
        ids.push_back(o.name);
    }
    std::string said;
    for (const std::string& id : ids) {
        const auto gone = co_await server::unload_instance(to, id);
        if (!gone) co_return gone.error();
        said += report::printable(id) + " is unloaded\n";
    }
    co_return said.empty() ? "no model is in memory\n" : said;
}

report::download_look look_of(const server::download_job& job) {
    return {.done_bytes = job.done_bytes.value_or(0),
            .total_bytes = job.total_bytes,
            .bytes_per_second = job.bytes_per_second,
            .paused = job.status == "paused"};
}

error download_failed(const std::string& name, const server::download_job& job) {
    return {errc::refused,
            "the download of " + name + " " + job.status +
                (job.complaint.empty() ? "" : ": " + job.complaint),
            "LM Studio's window and its log say why; the same command tries again."};
}

asio::awaitable<result<std::string>> download(server::way to, const models_options& o) {
    constexpr nanoseconds interval = std::chrono::seconds{2};
    auto job = co_await server::start_download(to, o.name, o.quantization);
    if (!job) co_return job.error();
    const std::string id = job->id;
    if (job->status == "already_downloaded") co_return o.name + " is there already\n";
    progress_view view;
    net::sleeper nap{to.time};
    const auto goes_on = [&] { return job->status == "downloading" || job->status == "paused"; };
    while (goes_on()) {
        job = co_await server::look_at_download(to, id);
        if (!job) co_return job.error();
        if (!goes_on()) break;
        const report::download_look look = look_of(*job);
        view.show(report::download_line(look), report::percent_of(look));
        const instant next = to.time.now() + interval;
        co_await nap.until(next);
    }
    if (job->status != "completed") co_return download_failed(o.name, *job);
    co_return o.name + " is downloaded\n";
}

asio::awaitable<result<std::string>> act(server::way to, const models_options& o) {
    switch (o.what) {
        case action::list:
            co_return co_await list(to, o);
        case action::show:
            co_return co_await show(to, o);
        case action::load:
            co_return co_await load_named(to, o);
        case action::unload:
            co_return co_await unload(to, o);
        case action::download:
            co_return co_await download(to, o);
    }
    co_return error{errc::internal, "no such action"};
}

}  // namespace

int models(const models_options& o) {
    if (o.what == action::unload && o.all == !o.name.empty()) {
        return complain({errc::usage, "give the INSTANCE to unload, or --all",
                         "lmstress models list --only-loaded tells what is in memory."});
    }
    const auto done = ask_server<std::string>(o.server, [&](server::way to) { return act(to, o); });
    if (!done) return complain(done.error());
    const auto said = say(done->hidden.hidden_in(done->answer));
    return said ? 0 : complain(said.error());
}

}  // namespace lmstress::cli
