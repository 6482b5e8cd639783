#pragma once

#include "sim/server.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::sim {

/// The server's end of a WebSocket, without the socket: whole texts.
class sdk_output {
  public:
    virtual void send_text(std::string text) = 0;
    /// Closes it once everything is sent.
    virtual void hang_up_socket() = 0;
    /// An event of a prediction goes out with the next text.
    virtual void on_event(const truth& /*what*/) {}
    /// A prediction was asked for; its id is "<channel>@sdk".
    virtual void on_request(std::string_view /*request_id*/) {}

  protected:
    ~sdk_output() = default;
};

/// The paths at which the SDK connects, one for each of its namespaces.
[[nodiscard]] bool is_sdk_path(std::string_view path);

/// One client of the SDK's protocol (https://github.com/lmstudio-ai/lmstudio-js,
/// packages/lms-communication/src/Transport.ts): greeting, calls, and the channels
/// loadModel and predict.
class sdk_session final : public load_listener {
  public:
    /// Both outlive this. `path` is the namespace that was connected to.
    sdk_session(server& s, sdk_output& to, std::string_view path);
    ~sdk_session();
    sdk_session(sdk_session&&) = delete;

    /// A text came.
    void take(std::string_view text, instant now);

  private:
    class prediction;

    void greet(std::string_view text);
    void call(const boost::json::object& message, instant now);
    void call_llm(std::string_view endpoint, std::uint64_t id, const boost::json::object& parameter,
                  instant now);
    void open_channel(const boost::json::object& message, instant now);
    void load(std::uint64_t channel, const boost::json::object& wanted, instant now);
    void predict(std::uint64_t channel, const boost::json::object& wanted, instant now);
    void cancel(std::uint64_t channel, instant now);
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
    std::vector<std::unique_ptr<prediction>> predictions_;
};

}  // namespace lmstress::sim
