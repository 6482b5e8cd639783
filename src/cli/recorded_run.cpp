#include "cli/recorded_run.hpp"

#include "api/socket_opening.hpp"
#include "cli/abort_rule.hpp"
#include "cli/conclusion.hpp"
#include "cli/described_run.hpp"
#include "cli/history_place.hpp"
#include "cli/interrupt.hpp"
#include "cli/live_view.hpp"
#include "cli/metrics_port.hpp"
#include "cli/options.hpp"
#include "cli/progress_writer.hpp"
#include "cli/recording.hpp"
#include "load/run.hpp"
#include "report/printable.hpp"
#include "report/warnings.hpp"
#include "workload/api_use.hpp"

#include <boost/asio/co_spawn.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>

namespace lmstress::cli {

namespace asio = boost::asio;

namespace {

/// --server-state: what the server says of itself, beside what is in flight then.
class state_watching {
  public:
    state_watching(server::state_watch& watch, clock& time, instant start,
                   const measure::live_counters& live, recording& into)
        : watch_(watch), time_(time), start_(start), live_(live), into_(into) {}

    void begin(asio::io_context& context) {
        const auto seen = [this](const server::processing_state& s) { keep(s); };
        asio::co_spawn(context, watch_.run(seen), [](const std::exception_ptr& e) {
            if (e) std::rethrow_exception(e);
        });
    }
    void end() { watch_.stop(); }

  private:
    void keep(const server::processing_state& s) {
        const nanoseconds at = time_.now() - start_;
        const auto look = live_.snapshot(at);
        into_.on_state({at, s.status, s.queued, look ? look->in_flight : 0});
    }

    server::state_watch& watch_;
    clock& time_;
    instant start_;
    const measure::live_counters& live_;
    recording& into_;
};

/// The load itself, with Ctrl-C bound to it. True when the user ended it.
bool run_load(asio::io_context& context, load::run_context& about, const level_setup& common,
              live_view& view, state_watching* watching) {
    load::run run{about, common};
    if (watching != nullptr) watching->begin(context);
    signals_to_end& signals = ending_signals(context);
    std::function<void()> listen = [&] {
        signals.async_wait([&](const boost::system::error_code& ec, int) {
            if (ec) return;
            view.say(run.at() == load::run::state::running
                         ? "ending: waiting for the requests in flight (again to cut them)"
                         : "ending: cutting the requests in flight");
            run.interrupt();
            listen();
        });
    };
    listen();
    std::exception_ptr failed;
    asio::co_spawn(context, run.go(), [&](const std::exception_ptr& e) {
        failed = e;
        signals.cancel();
        if (watching != nullptr) watching->end();
    });
    context.restart();
    context.run();
    if (failed) std::rethrow_exception(failed);
    return run.interrupted();
}

/// Said before the load, so that a run that cannot work need not be waited for.
std::optional<std::string> doubt_of_context(const server_settings& server,
                                            const std::vector<std::uint32_t>& levels,
                                            const workload_settings& w,
                                            std::uint64_t prompt_tokens) {
    if (levels.empty()) return std::nullopt;
    const std::uint32_t most = *std::max_element(levels.begin(), levels.end());
    return report::context_warning(most, server, prompt_tokens + w.max_tokens, "up to about ");
}

/// What the levels of a run have in common, and their streams.
struct plan {
    level_setup common;
    std::vector<std::uint32_t> levels;
};

/// A server whose model is not in memory tells its slots only once it is: then `levels` stays empty
/// where it needs them.
result<plan> make_plan(const scenario& s, const server::identity& who) {
    plan p{.common = {.target = {s.target.url, s.target.api, s.target.model},
                      .server = who.settings,
                      .slo = s.limits.slo},
           .levels = {}};
    const auto& parallel = who.settings.parallel;
    auto levels = streams_of(s.load, who.cold ? parallel.confirmed : slots_of(parallel));
    if (levels) {
        p.levels = *std::move(levels);
    } else if (!who.cold) {
        return levels.error();
    }
    return p;
}

/// For the dashboards of this machine, beside the history that they show.
std::optional<live_record> live_record_of(const scenario& s, const std::string& run_id) {
    if (!s.output.keep_history) return std::nullopt;
    const auto history = history_file(s.output);
    if (!history) return std::nullopt;
    return live_record::open(live_folder(*history), run_id);
}

/// A run, from the first line of its journal to the last line on the screen.
class recorded_run {
  public:
    /// All of them outlive this.
    recorded_run(asio::io_context& context, clock& time, const way_to_server& way,
                 const scenario& s, const run_material& m, const run_display& display)
        : context_(context),
          time_(time),
          way_(way),
          s_(s),
          material_(m),
          prompts_(m.prompts),
          conversations_(m.conversations),
          images_(m.images),
          display_(display) {}

    /// The exit code. `watch` may be null.
    int go(const server::identity& who, plan p, server::state_watch* watch) {
        const instant start = time_.now();
        run_summary summary{.setup = describe(s_, material_, make_run_id(s_.workload), start, who),
                            .levels = {},
                            .exit_code = {}};
        const std::string directory =
            s_.output.directory.empty()
                ? default_directory(summary.setup.started_unix_ns, summary.setup.id)
                : s_.output.directory;
        measure::live_counters live;
        auto outlets = open_outlets(live, who.model, summary.setup, start);
        if (!outlets) return complain(outlets.error());
        const auto made = store::prepare_directory(directory);
        if (!made) return complain(made.error());
        directory_ = directory;
        auto journal = store::journal::open(directory);
        if (!journal) return complain(journal.error());
        (*journal)->run(summary.setup);

        if (outlets->progress) {
            outlets->progress->begin(summary.setup, directory, who.model, p.levels.size());
        }
        live_view view{live,
                       time_,
                       {.run_start = start,
                        .model = who.model,
                        .quiet = display_.quiet,
                        .progress = outlets->progress.get()}};
        view_ = &view;
        if (outlets->metrics && !display_.quiet) {
            view.say("metrics of this run: " + outlets->metrics->url());
        }
        doubt(p.common.server, p.levels);
        recording results{**journal, summary, view};
        load::run_context about = context_of(who, summary.setup.id, results, live, start);
        about.levels = std::move(p.levels);
        about.after_load = [this, &about](server_settings& server) {
            return look_again(about, server);
        };
        if (who.cold) {
            view.announce(report::printable(who.model) +
                          " is not in memory: one request loads it ...");
        }
        abort_rule ends_early{s_.limits, summary};
        ends_early.watch(about);
        if (prompts_.asked_tokens(0) && !conversations_ && s_.workload.calibrate) {
            view.announce("a few requests show how many tokens the server counts for a prompt ...");
        }
        std::optional<state_watching> watching;
        if (watch != nullptr) watching.emplace(*watch, time_, start, live, results);
        const bool interrupted =
            run_load(context_, about, p.common, view, watching ? &*watching : nullptr);
        view.close();
        drifted_ = std::any_of(
            summary.levels.begin(), summary.levels.end(),
            [](const level_summary& level) { return level.steady && level.steady->drifts; });
        const int code = conclude(**journal, summary, results, about,
                                  {.interrupted = interrupted,
                                   .table = display_.table,
                                   .directory = directory,
                                   .models = who.models});
        const auto number = keep_in_history(s_, summary, directory);
        if (outlets->progress) outlets->progress->end(summary.setup, code, number);
        return code;
    }

    /// Of the results; empty before there is one.
    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] bool drifted() const { return drifted_; }

  private:
    /// Where others follow the run.
    struct run_outlets {
        std::unique_ptr<progress_writer> progress = {};  // null where nobody can read it
        std::unique_ptr<metrics_port> metrics = {};
    };
    result<run_outlets> open_outlets(const measure::live_counters& live, const std::string& model,
                                     const run_setup& setup, instant start) {
        run_outlets out;
        auto progress = std::make_unique<progress_writer>();
        if (!s_.output.progress.empty()) {
            const auto opened = progress->write_to(s_.output.progress);
            if (!opened) return opened.error();
        }
        if (auto record = live_record_of(s_, setup.id)) progress->write_to(*std::move(record));
        if (progress->is_read()) out.progress = std::move(progress);
        if (s_.output.metrics_port) {
            auto opened =
                metrics_port::open(*s_.output.metrics_port, live, time_, {setup.id, model, start});
            if (!opened) return opened.error();
            out.metrics = *std::move(opened);
        }
        return out;
    }

    load::run_context context_of(const server::identity& who, const std::string& id,
                                 load::observer& results, measure::live_counters& live,
                                 instant start) {
        return {.executor = context_.get_executor(),
                .time = time_,
                .transport = way_.transport(),
                .settings = s_,
                .prompts = prompts_,
                .results = results,
                .live = live,
                .run_id = id,
                .lanes = lanes_of(who),
                .conversations = conversations_ ? &*conversations_ : nullptr,
                .images = images_,
                .levels = {},
                .model = model_of(who),
                .llama_cpp = who.llama_cpp,
                .cold = who.cold,
                .before_each = display_.before_each,
                .run_start = start,
                .hidden = workload::secrets_of(s_)};
    }

    /// The SDK's socket knows instances only; what goes over HTTP takes either name.
    static std::string model_of(const server::identity& who) {
        const bool socket = std::any_of(who.apis.begin(), who.apis.end(), [](const api::api* a) {
            return a->body == api::framing::web_socket;
        });
        return socket && !who.instance.empty() ? who.instance : who.model;
    }

    std::vector<load::lane> lanes_of(const server::identity& who) const {
        workload::conversation_needs needs = needs_of(s_.workload, conversations_);
        needs.server_remembers = !who.llama_cpp;
        const auto uses = workload::uses_of(s_, needs, who.apis).value();
        std::vector<load::lane> lanes;
        for (std::size_t i = 0; i < uses.size(); ++i) {
            const api::api& api = *who.apis[i];
            lanes.push_back({.api = &api,
                             .request_line_and_fields =
                                 load::request_line_and_fields(way_.at(), api, s_.target),
                             .patch = {uses[i].fields, s_.request.extra, api.set_field},
                             .history = uses[i].history,
                             .left_out = uses[i].left_out,
                             .greeting = api::sdk_greeting(s_.target.api_token)});
        }
        return lanes;
    }

    /// Of the last one of a conversation, with the answers before it as long as they may be.
    [[nodiscard]] std::uint64_t tokens_of_a_prompt() const {
        const std::uint64_t answers = needs_of(s_.workload, conversations_).turns - 1;
        const std::uint64_t asked =
            conversations_ ? conversations_->typical_tokens()
                           : prompts_.typical_tokens() * s_.workload.conversation.turns;
        return asked + answers * s_.workload.max_tokens;
    }

    void doubt(const server_settings& server, const std::vector<std::uint32_t>& levels) {
        const auto sentence = doubt_of_context(server, levels, s_.workload, tokens_of_a_prompt());
        if (sentence && !display_.quiet) view_->say("lmstress: " + *sentence);
    }

    /// The model is in memory now: what it is like there is known only from here on.
    asio::awaitable<void> look_again(load::run_context& about, server_settings& server) {
        server = co_await way_.look_again(s_, server);
        auto levels = streams_of(s_.load, slots_of(server.parallel));
        if (levels) {
            about.levels = *std::move(levels);
            doubt(server, about.levels);
        } else {
            about.ended_by = levels.error();
            about.ended_by->code = errc::not_understood;
        }
    }

    asio::io_context& context_;
    clock& time_;
    const way_to_server& way_;
    const scenario& s_;
    const run_material& material_;
    const workload::prompts& prompts_;
    const std::optional<workload::conversation_file>& conversations_;
    std::span<const workload::image_file> images_;
    const run_display& display_;
    live_view* view_ = nullptr;
    std::string directory_;
    bool drifted_ = false;
};

bool any_wants_uploads(const server::identity& who) {
    return std::any_of(who.apis.begin(), who.apis.end(),
                       [](const api::api* a) { return a->wants_uploads; });
}

}  // namespace

run_end record_run(server_session& on, const scenario& s, run_material& m,
                   const run_display& display) {
    server::identity& who = on.who();
    const auto refused = [&](const error& e) {
        return run_end{.exit_code = complain(hidden_in(e, on.hidden()))};
    };
    auto plan = make_plan(s, who);
    if (!plan) return refused(plan.error());
    std::unique_ptr<server::state_watch> watch;
    if (s.output.server_state) {
        auto made = on.way().watch(s, who);
        if (!made) return refused(made.error());
        watch = *std::move(made);
    }
    std::unique_ptr<server::file_upload> files;
    if (!m.images.empty() && any_wants_uploads(who)) {
        auto made = on.way().upload(s, m.images);
        if (!made) return refused(made.error());
        files = *std::move(made);
    }
    recorded_run run{on.context(), on.time(), on.way(), s, m, display};
    const int code = run.go(who, *std::move(plan), watch.get());
    who.cold = false;  // whoever runs next finds the model in memory
    return {.exit_code = code, .directory = run.directory(), .drifted = run.drifted()};
}

}  // namespace lmstress::cli
