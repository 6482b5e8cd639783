#pragma once

#include "sim/fault.hpp"
#include "sim/generation.hpp"
#include "sim/http_request.hpp"
#include "sim/models.hpp"

#include <boost/json/fwd.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lmstress::sim {

struct server_settings {
    engine_settings engine = {};          ///< of each model that is loaded
    std::string model = "qwen/qwen3-4b";  ///< in memory at the start
    bool cold = false;                    ///< nothing is in memory at the start
    double load_seconds = 2.0;
    bool jit = true;  ///< a model that is not in memory is loaded for a request
    /// Of a model that is loaded so, where the request says no other; 0: it stays.
    nanoseconds jit_ttl = std::chrono::hours{1};
    bool auto_evict = true;  ///< and those of other models that were loaded so go for it
    /// The client of a stream goes away before its end: the next request for an answer, from
    /// whomever, gets an empty 400.
    bool empty_400_after_close = false;
    bool whole_arguments = false;          ///< those of a tool's call come in one piece, at its end
    bool late_headers = false;             ///< the head of a stream goes out with its first event
    std::string api_token = {};            ///< empty: none is needed
    std::uint64_t answer_tokens = 256;     ///< length of an answer that nobody limits
    double characters_per_token = 4;       ///< of prompts
    std::vector<fault_share> faults = {};  ///< that strike chat requests
    nanoseconds tool_time = std::chrono::milliseconds{500};  ///< of a tool that the server calls
    bool tools_fail = false;
    std::uint64_t fault_seed = 1;  ///< which of them
    /// Which event of an answer drop-event and its like strike; else the first in the middle.
    std::optional<std::uint64_t> fault_event = {};
    bool fault_event_moves = false;   ///< the first of the first answer struck, then the second ...
    bool native = true;               ///< false: an LM Studio before 0.4, without /api/v1
    bool ignore_load_config = false;  ///< models are loaded as `engine` says, whatever is asked
    double download_seconds = 3.0;
    bool downloads_fail = false;     ///< half way
    bool sdk_socket = true;          ///< the SDK's WebSocket is there
    bool sdk_takes_settings = true;  ///< a load over it is as it asks, as far as it can be
};

/// Who waits for a load that it began; `channel` is what it gave.
class load_listener {
  public:
    virtual void on_load_progress(std::uint64_t channel, double progress) = 0;
    virtual void on_loaded(std::uint64_t channel, const instance& on) = 0;
    virtual void on_load_failed(std::uint64_t channel, std::string_view why) = 0;

  protected:
    ~load_listener() = default;
};

/// The built-in LM Studio, without sockets and clocks: requests and times in, bytes out.
///
/// A reply that was handed in stays until its end() or reset() is called or abandoned() names it.
class server {
  public:
    explicit server(server_settings s, instant now);

    void handle(const http_request& request, reply& to, instant now);
    /// The connection of that reply is gone.
    void abandoned(const reply& to);

    [[nodiscard]] std::optional<instant> next_due() const;
    void advance(instant now);

    /// Requests being answered.
    [[nodiscard]] std::size_t active() const noexcept {
        return generations_.size() + loads_.size();
    }

    // What the SDK's socket asks for (sdk_session).
    /// Of the LM Studio that this one is like.
    [[nodiscard]] std::string_view app_version() const noexcept {
        return settings_.native ? "0.4.16" : "0.3.39";
    }
    [[nodiscard]] bool has_sdk_socket() const noexcept { return settings_.sdk_socket; }
    [[nodiscard]] bool takes_sdk_settings() const noexcept { return settings_.sdk_takes_settings; }
    [[nodiscard]] bool admits(std::string_view name, std::string_view key) const;
    [[nodiscard]] const models& all_models() const noexcept { return models_; }
    /// What a model is loaded with where nothing else is said.
    [[nodiscard]] const engine_settings& defaults() const noexcept { return settings_.engine; }
    /// Begins to load a further instance, by the name `id` where that is not empty and free. `to`
    /// hears of it until it has ended or forget_load() is called.
    void begin_load(const model_entry& model, const std::string& id, const engine_settings& s,
                    const instance_settings& set, load_listener& to, std::uint64_t channel,
                    instant now);
    void cancel_load(const load_listener& to, std::uint64_t channel);
    /// What befalls the next request for an answer.
    [[nodiscard]] std::optional<fault> draw_fault() { return faults_.next(); }
    /// Has an instance that is in memory answer, on its way struck by that. Its reply stays as for
    /// handle().
    void predict(std::unique_ptr<generation> answer, const std::string& instance_id, instant now,
                 std::optional<fault> struck_by);
    /// Messages as the SDK and OpenAI have them: the prompt of a chat, and what of it is cached.
    void hear_messages(chat& c, const boost::json::value& messages) const;
    /// A text as it is, without a template.
    void hear_text(chat& c, const boost::json::value& text) const;
    /// As a load for a request that names the model: which instances of others go for it, and what
    /// else it is like.
    [[nodiscard]] std::vector<std::string> to_evict_for(const model_entry& model,
                                                        instant now) const;
    void make_jit(instance_settings& set) const;
    /// Keeps a file for as long as its client is there, under an identifier that messages name.
    [[nodiscard]] std::string keep_file(std::string_view name);
    [[nodiscard]] bool has_file(std::string_view identifier) const;
    void forget_file(const std::string& identifier) { files_.erase(identifier); }
    /// The client wants no more of it, and stays.
    void cancel_prediction(const reply& to, instant now);
    /// How long an answer is that nobody limits.
    [[nodiscard]] std::uint64_t answer_tokens() const noexcept { return settings_.answer_tokens; }
    [[nodiscard]] double characters_per_token() const noexcept {
        return settings_.characters_per_token;
    }
    void forget_load(const load_listener& to);
    /// An instance that is there, with all that runs on it.
    void unload(const std::string& id, instant now);

  private:
    struct running {
        std::string instance_id;
        std::unique_ptr<generation> answer;
        std::optional<fault> struck_by;
    };
    /// A chat that a fault keeps waiting, for ever where it is never due: a request, or over the
    /// SDK's socket the answer to it.
    struct delayed_chat {
        reply* to;
        fault struck_by;
        instant due;
        http_request request = {};
        std::unique_ptr<generation> answer = {};
        std::string instance_id = {};
    };
    /// A POST .../load that waits for its model.
    struct pending_load {
        reply* to;
        std::string instance_id;
        bool echo;
    };
    /// A load over the SDK's socket.
    struct sdk_load {
        load_listener* to;
        std::uint64_t channel;
        std::string instance_id;
        instant began;
        int quarter = 0;  // of it, that is to be told next
    };
    /// A model on its way to the disk. Nothing waits for it: whoever asks is told how far it is.
    struct download {
        std::string id;
        std::string model;
        instant begun;
        bool over = false;  // it is on the disk
    };
    /// A chat that waits for a load of the model: its own, or one that was asked for before.
    struct waiting_chat {
        job_id id;
        std::string instance_id;
        bool own;
    };

    [[nodiscard]] bool authorized(const http_request& request) const;
    [[nodiscard]] bool wants_answer(const http_request& request) const;
    void handle_native(const std::string& route, const http_request& request, reply& to,
                       instant now);
    void take_chat(const http_request& request, reply& to, instant now);
    void answer_chat(const http_request& request, reply& to, instant now,
                     std::optional<fault> struck_by);
    void native_chat(const http_request& request, reply& to, instant now,
                     std::optional<fault> struck_by);
    void openai_chat(const http_request& request, reply& to, instant now,
                     std::optional<fault> struck_by);
    [[nodiscard]] std::optional<std::uint64_t> next_event_to_strike();
    [[nodiscard]] bool answer_list(const std::string& route, reply& to);
    void anthropic_messages(const http_request& request, reply& to, instant now,
                            std::optional<fault> struck_by);
    void ollama_chat(const http_request& request, reply& to, instant now,
                     std::optional<fault> struck_by);
    void embeddings(const http_request& request, reply& to, instant now,
                    std::optional<fault> struck_by);
    void list_native_models(reply& to);
    void list_openai_models(reply& to);
    void list_v0_models(reply& to);
    void show_v0_model(std::string_view name, reply& to);
    void start_download(const http_request& request, reply& to, instant now);
    void download_status(std::string_view job, reply& to, instant now);
    void finish_downloads(instant now);
    [[nodiscard]] bool breaks_off(std::string_view model) const;
    [[nodiscard]] std::string moment_text(instant at) const;
    void load_model(const http_request& request, reply& to, instant now);
    void unload_model(const http_request& request, reply& to, instant now);

    bool befall(generation& answer, fault kind, job_id id, instant now);
    void begin_prediction(std::unique_ptr<generation> answer, const std::string& instance_id,
                          instant now, std::optional<fault> struck_by);
    bool strike(fault kind, const http_request& request, reply& to, instant now);
    void end_delays(instant now);
    bool cut_off(running& r, const emission& e);

    /// Lays `input`, a text or messages, onto what was said before it, and looks how much of that
    /// the cache holds.
    void listen(chat& c, std::string_view system, const boost::json::value& input,
                std::uint64_t of_template) const;
    void remember(const generation& answer);
    void end_tools(instant now);
    [[nodiscard]] const model_entry* entry_for(std::string_view model) const;
    void refuse_model(const std::string& model, reply& to) const;
    void start(std::unique_ptr<generation> answer, const model_entry& model, instant now,
               std::optional<fault> struck_by);
    void submit(job_id id, instance& on, instant now);
    void finish_loads(instant now);
    void tell_loads(instant now);
    void evict_unused(instant now);
    [[nodiscard]] instance& load_for(const chat& c, const model_entry& model, instant now);
    [[nodiscard]] static instant due_of(const sdk_load& l, const instance& on);
    [[nodiscard]] nanoseconds load_time() const;
    [[nodiscard]] std::string load_config(const instance& i) const;

    server_settings settings_;
    models models_;
    chat_memory memory_;
    /// A tool that a chat waits for.
    struct running_tool {
        job_id id;
        instant due;
    };
    std::vector<running_tool> tools_;
    std::map<job_id, running> generations_;
    std::vector<pending_load> loads_;
    std::vector<sdk_load> sdk_loads_;
    std::vector<waiting_chat> waiting_;
    fault_plan faults_;
    std::vector<delayed_chat> delayed_;
    std::vector<download> downloads_;
    instant start_;
    instant latest_;  // at which anything was asked of it
    std::vector<emission> emissions_;
    job_id next_job_ = 1;
    std::uint64_t events_struck_ = 0;
    bool closed_carelessly_ = false;
    std::set<std::string, std::less<>> files_;  // identifiers
    std::uint64_t next_file_ = 1;
};

}  // namespace lmstress::sim
