#pragma once

#include "sim/sdk_config.hpp"
#include "sim/sdk_output.hpp"
#include "sim/sdk_prediction.hpp"
#include "sim/server.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::sim {

/// The paths at which the SDK connects, one for each of its namespaces.
[[nodiscard]] bool is_sdk_path(std::string_view path);

/// One client of the SDK's protocol (https://github.com/lmstudio-ai/lmstudio-js,
/// packages/lms-communication/src/Transport.ts): greeting, calls (sdk_calls.cpp), and channels on
/// which models are loaded and predict (sdk_channels.cpp).
class sdk_session final : public load_listener {
  public:
    /// Both outlive this. `path` is the namespace that was connected to.
    sdk_session(server& s, sdk_output& to, std::string_view path);
    ~sdk_session();
    sdk_session(sdk_session&&) = delete;

    /// A text came.
    void take(std::string_view text, instant now);

  private:
    void greet(std::string_view text);
    void call(const boost::json::object& message, instant now);
    void call_models(std::string_view endpoint, std::uint64_t id,
                     const boost::json::object& parameter, instant now);
    void call_model(std::string_view endpoint, std::uint64_t id,
                    const boost::json::object& parameter);
    void call_files(std::string_view endpoint, std::uint64_t id,
                    const boost::json::object& parameter);
    void open_channel(const boost::json::object& message, instant now);
    void load(std::uint64_t channel, const boost::json::object& wanted, instant now);
    void get_or_load(std::uint64_t channel, const boost::json::object& wanted, instant now);
    [[nodiscard]] load_settings usual_settings(const model_entry& m) const;
    [[nodiscard]] std::optional<load_settings> settings_for(const model_entry& m,
                                                            std::uint64_t channel,
                                                            const boost::json::object& wanted,
                                                            std::string_view ttl_key);
    void predict(std::uint64_t channel, const boost::json::object& wanted, instant now);
    [[nodiscard]] bool strike(fault kind, std::uint64_t channel, const std::string& model);
    void cancel(std::uint64_t channel, instant now);
    [[nodiscard]] bool is_of_namespace(const model_entry& m) const;
    [[nodiscard]] const instance* instance_for(const std::string& which) const;
    void estimate(std::uint64_t id, const boost::json::object& parameter);

    void answer_call(std::uint64_t id, std::string_view json);
    void refuse_call(std::uint64_t id, std::string_view title, std::string_view cause);
    void refuse_channel(std::uint64_t id, std::string_view title, std::string_view cause);
    void refuse_prediction(std::uint64_t id, std::string_view model);
    void send_on(std::uint64_t channel, std::string_view json);
    void close_channel(std::uint64_t channel);

    void on_load_progress(std::uint64_t channel, double progress) override;
    void on_loaded(std::uint64_t channel, const instance& on) override;
    void on_load_failed(std::uint64_t channel, std::string_view why) override;

    server& server_;
    sdk_output& output_;
    std::string namespace_;
    bool admitted_ = false;
    std::set<std::uint64_t> got_or_loaded_;  // channels of getOrLoad that wait for their model
    std::vector<std::string> files_;         // identifiers of those that the client sent
    std::vector<std::unique_ptr<sdk_prediction>> predictions_;
};

}  // namespace lmstress::sim
