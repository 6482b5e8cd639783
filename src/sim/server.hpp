#pragma once

#include "sim/fault.hpp"
#include "sim/generation.hpp"
#include "sim/http_request.hpp"
#include "sim/models.hpp"

#include <boost/json/fwd.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::sim {

struct server_settings {
    engine_settings engine = {};          ///< of each model that is loaded
    std::string model = "qwen/qwen3-4b";  ///< in memory at the start
    bool cold = false;                    ///< nothing is in memory at the start
    double load_seconds = 2.0;
    std::string api_token = {};            ///< empty: none is needed
    std::uint64_t answer_tokens = 256;     ///< length of an answer that nobody limits
    std::vector<fault_share> faults = {};  ///< that strike chat requests
    std::uint64_t fault_seed = 1;          ///< which of them
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

  private:
    struct running {
        std::string instance_id;
        std::unique_ptr<generation> answer;
        std::optional<fault> struck_by;
    };
    /// A chat that a fault keeps waiting, for ever where it is never due.
    struct delayed_chat {
        http_request request;
        reply* to;
        fault struck_by;
        instant due;
    };
    /// A POST .../load that waits for its model.
    struct pending_load {
        reply* to;
        std::string instance_id;
        bool echo;
    };
    /// A chat that waits for its own load of the model.
    struct waiting_chat {
        job_id id;
        std::string instance_id;
    };

    [[nodiscard]] bool authorized(const http_request& request) const;
    void take_chat(const http_request& request, reply& to, instant now);
    void answer_chat(const http_request& request, reply& to, instant now,
                     std::optional<fault> struck_by);
    void native_chat(const http_request& request, reply& to, instant now,
                     std::optional<fault> struck_by);
    void openai_chat(const http_request& request, reply& to, instant now,
                     std::optional<fault> struck_by);
    void anthropic_messages(const http_request& request, reply& to, instant now);
    void ollama_chat(const http_request& request, reply& to, instant now);
    void embeddings(const http_request& request, reply& to, instant now);
    void list_native_models(reply& to);
    void list_openai_models(reply& to);
    void load_model(const http_request& request, reply& to, instant now);
    void unload_model(const http_request& request, reply& to, instant now);

    bool strike(fault kind, const http_request& request, reply& to, instant now);
    void end_delays(instant now);
    bool cut_off(running& r, const emission& e);

    [[nodiscard]] const model_entry* entry_for(std::string_view model) const;
    void refuse_model(const std::string& model, reply& to) const;
    void start(std::unique_ptr<generation> answer, const model_entry& model, instant now,
               std::optional<fault> struck_by);
    void submit(job_id id, instance& on, instant now);
    void finish_loads(instant now);
    [[nodiscard]] nanoseconds load_time() const;
    [[nodiscard]] std::string load_config(const instance& i) const;

    server_settings settings_;
    models models_;
    std::map<job_id, running> generations_;
    std::vector<pending_load> loads_;
    std::vector<waiting_chat> waiting_;
    fault_plan faults_;
    std::vector<delayed_chat> delayed_;
    std::vector<emission> emissions_;
    job_id next_job_ = 1;
};

}  // namespace lmstress::sim
