#pragma once

#include "sim/chat_memory.hpp"
#include "sim/engine.hpp"
#include "sim/reply.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::sim {

/// What a request that says nothing allows.
inline constexpr std::uint64_t no_limit = 1'000'000'000;

/// A tool that the server calls itself, once, before it answers: the model writes its arguments,
/// and goes on with what it said when that has come.
struct tool_run {
    static constexpr std::uint64_t argument_tokens = 8;
    static constexpr std::uint64_t result_tokens = 16;

    std::string name;    ///< empty: none is called
    std::string server;  ///< label of an MCP server, or id of a plugin
    bool plugin = false;
};

/// A chat that was asked for.
struct chat {
    std::string request_id;
    std::string model;  ///< as asked
    std::uint64_t prompt_tokens = 0;
    std::uint64_t max_tokens = 0;  ///< what the request allows
    std::uint64_t length = 0;      ///< what the answer will have, at most max_tokens
    bool stream = false;
    bool include_usage = false;           ///< in OpenAI's chunks
    bool store = true;                    ///< native, and OpenAI's responses
    std::uint64_t context_length = 0;     ///< of the instance that answers
    std::uint64_t load_context = 0;       ///< of a model that is loaded for it; 0: the usual one
    std::optional<nanoseconds> ttl = {};  ///< of a model that is loaded for it
    std::string draft_model = {};         ///< which guesses the tokens, in OpenAI's routes
    bool base64 = false;                  ///< the vectors of openai-embeddings are wanted so
    std::string tool = {};                ///< that the answer calls, in place of a message
    bool whole_arguments = false;         ///< those of the call come in one piece, at its end
    /// The texts of the tokens, where they are not words: a tool's arguments, or a document.
    std::vector<std::string> pieces = {};
    tool_run runs = {};
    std::uint64_t reasoning_tokens = 0;     ///< the first of the answer's
    std::uint64_t cached_tokens = 0;        ///< of the prompt's, from earlier turns
    std::vector<std::string> inputs = {};   ///< of openai-embeddings
    transcript said = {};                   ///< the prompt, with all that was said before it
    std::string response_id = {};           ///< of the answer, where it has one
    std::string previous_response_id = {};  ///< of the answer that it goes on from
    std::string echo = {};                  ///< of what was asked (response_echo)

    /// Sets how long the answer is, where nothing but the request limits it: `otherwise`. A model
    /// that `thinks` does so for half of it, unless it calls a tool or writes a document.
    void set_length(std::uint64_t otherwise, bool thinks = false) noexcept {
        if (!pieces.empty()) otherwise = pieces.size();
        length =
            pieces.empty() && max_tokens != no_limit ? max_tokens : std::min(otherwise, max_tokens);
        if (thinks && pieces.empty()) reasoning_tokens = length / 2;
    }
    /// The limit ends it, and not its text.
    [[nodiscard]] bool limited() const noexcept {
        return length == max_tokens && (pieces.empty() || length < pieces.size());
    }
    /// Tokens after which half of the answer has come; at least 1.
    [[nodiscard]] std::uint64_t half_way() const noexcept { return (length + 1) / 2; }
};

/// What came of the tokens that a draft model guessed.
struct guesses {
    std::uint64_t total;
    std::uint64_t right;
    std::uint64_t wrong;
    std::uint64_t unused;
};

/// An answer in the making: turns what the engine brings forth into the bytes of one API.
class generation {
  public:
    /// `to` outlives this.
    generation(chat c, reply& to) : chat_(std::move(c)), to_(to) {}
    virtual ~generation() = default;

    /// What is sent from here on suffers this fault.
    void suffer(fault kind, std::optional<std::uint64_t> event) {
        to_.suffer({.kind = kind, .half_way = chat_.half_way(), .event = event});
    }
    /// How large the context is that it will have.
    void runs_with(std::uint64_t context_length) noexcept { chat_.context_length = context_length; }
    /// The request was taken; `instance` will answer it.
    void open(const std::string& instance, instant now);
    void load_started(instant now) { on_load_started(now); }
    void load_ended(instant now, double seconds);
    /// True when the answer is over.
    bool take(const emission& e);
    /// The model is about to call a tool, or writes its arguments.
    [[nodiscard]] bool calls_tool() const noexcept {
        return call_ == call_state::none && !chat_.runs.name.empty();
    }
    /// The tool that it called is over.
    void tool_ended(bool failed, instant now);
    /// "Model unloaded." and its like.
    void fail(std::string_view message, instant now);
    /// The head of its stream has gone out, and its end has not.
    [[nodiscard]] bool streams() const noexcept { return begun_; }
    /// Before anything was sent: the answer is an error with a status of its own.
    void refuse(std::string_view message, instant now);
    /// The head of a stream waits for the first event.
    void withhold_head() noexcept { withheld_ = true; }
    /// Its client wants no more of it.
    void cancel(instant now) { on_cancelled(now); }
    /// The connection breaks off.
    void reset() { to_.reset(); }

    [[nodiscard]] reply* to() const noexcept { return &to_; }
    /// All tokens so far, without reasoning.
    [[nodiscard]] std::string whole_text() const;
    /// The reasoning so far.
    [[nodiscard]] std::string reasoning_text() const;
    [[nodiscard]] const chat& wanted() const noexcept { return chat_; }

  protected:
    virtual void on_opened(instant now) = 0;
    virtual void on_load_started(instant) {}
    virtual void on_load_ended(instant, double) {}
    virtual void on_prefill(const emission&) {}
    virtual void on_tool_started(instant) {}
    virtual void on_tool_called(instant) {}
    virtual void on_tool_ended(bool /*failed*/, instant) {}
    virtual void on_token(std::string_view word, const emission& e) = 0;
    virtual void on_end(bool cut, instant now) = 0;
    virtual void on_failed(std::string_view message, instant now) = 0;
    /// Where the API has a word for it.
    virtual void on_cancelled(instant) {}

    // An answer is either whole, or a stream of events with a beginning and an end.
    void send_whole(std::string_view bytes);
    void open_stream(std::string_view content_type = "text/event-stream");
    void send_event(std::string_view type, std::string_view frame, instant due);
    void end_stream();

    /// Of the tokens so far.
    [[nodiscard]] std::uint64_t reasoned() const noexcept {
        return std::min(tokens_, chat_.reasoning_tokens);
    }
    /// The token under way is of reasoning.
    [[nodiscard]] bool reasons() const noexcept { return tokens_ <= chat_.reasoning_tokens; }
    /// It is the first after reasoning.
    [[nodiscard]] bool ends_reasoning() const noexcept {
        return chat_.reasoning_tokens > 0 && tokens_ == chat_.reasoning_tokens + 1;
    }

    /// Why the answer ends, in OpenAI's words.
    [[nodiscard]] std::string_view finish_reason(bool cut) const noexcept;
    /// The id of its tool call: digits, as LM Studio has them.
    [[nodiscard]] std::string call_id() const;
    /// What is logged as its text.
    [[nodiscard]] virtual std::string logged_text() const { return whole_text(); }
    /// Since the prompt was taken up.
    [[nodiscard]] nanoseconds time_to_first_token() const { return first_token_ - prefill_start_; }
    [[nodiscard]] nanoseconds time_of_further_tokens() const { return last_token_ - first_token_; }
    [[nodiscard]] double seconds_to_first_token() const;
    [[nodiscard]] double seconds_of_generation() const;
    [[nodiscard]] double tokens_per_second() const;

    /// One guess for each token: three of four are right, and of the others every second one is not
    /// looked at, because the one before it was wrong.
    [[nodiscard]] guesses of_draft() const noexcept {
        const std::uint64_t missed = tokens_ / 4;
        return {tokens_, tokens_ - missed, missed - missed / 2, missed / 2};
    }

    /// Those of a tool's arguments included.
    [[nodiscard]] std::uint64_t output_tokens() const noexcept {
        return tokens_ + (call_ == call_state::none ? 0 : tool_run::argument_tokens);
    }

    chat chat_;
    std::string instance_;
    std::uint64_t tokens_ = 0;
    double load_seconds_ = 0;

  private:
    enum class call_state : std::uint8_t { none, running, over };

    reply& to_;
    call_state call_ = call_state::none;
    std::uint64_t events_ = 0;
    instant prefill_start_{};
    instant first_token_{};
    instant last_token_{};

    bool withheld_ = false;
    bool begun_ = false;        // the head of the stream has gone out
    std::string waiting_head_;  // its content type

    void begin_stream();
    void end(bool cut, instant now);
    [[nodiscard]] std::string piece_in_json(std::uint64_t n) const;
};

/// POST /api/v1/chat
[[nodiscard]] std::unique_ptr<generation> make_native_answer(chat c, reply& to);
/// POST /v1/chat/completions
[[nodiscard]] std::unique_ptr<generation> make_openai_answer(chat c, reply& to);
/// POST /api/v0/chat/completions
[[nodiscard]] std::unique_ptr<generation> make_v0_answer(chat c, reply& to);
/// POST /api/v0/completions
[[nodiscard]] std::unique_ptr<generation> make_v0_completions_answer(chat c, reply& to);
/// POST /v1/responses
[[nodiscard]] std::unique_ptr<generation> make_responses_answer(chat c, reply& to);
/// POST /v1/completions
[[nodiscard]] std::unique_ptr<generation> make_completions_answer(chat c, reply& to);
/// POST /v1/messages
[[nodiscard]] std::unique_ptr<generation> make_anthropic_answer(chat c, reply& to);
/// POST /api/chat
[[nodiscard]] std::unique_ptr<generation> make_ollama_answer(chat c, reply& to);
/// The channel "predict" of the SDK's socket; `model_info` is JSON.
[[nodiscard]] std::unique_ptr<generation> make_sdk_answer(chat c, std::string model_info,
                                                          reply& to);
/// POST /v1/embeddings: `length` is one token, which ends the prompt and is shown to nobody.
[[nodiscard]] std::unique_ptr<generation> make_embeddings_answer(chat c, reply& to);

/// The n-th word of any answer, from 1: safe inside a JSON string.
[[nodiscard]] std::string_view word(std::uint64_t n);

}  // namespace lmstress::sim
