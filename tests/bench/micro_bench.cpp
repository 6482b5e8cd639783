// What single parts cost: the parsers, the decoders and the histograms that every event goes
// through (micro_main.cpp judges them). What an event costs end to end tools/bench says.

#include "api/answer.hpp"
#include "lmstress/histogram.hpp"
#include "measure/recorder.hpp"
#include "wire/http_response.hpp"
#include "wire/sse_parser.hpp"
#include "wire/web_socket.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <random>
#include <string>

namespace {

using namespace lmstress;

constexpr std::size_t frames_in_piece = 16;  // as a server sends them that writes so many at once

std::string frame_of(std::string_view api, std::string_view text) {
    const std::string t{text};
    if (api == "lmstudio") {
        return "event: message.delta\ndata: {\"type\":\"message.delta\",\"content\":\"" + t +
               "\"}\n\n";
    }
    if (api == "anthropic-messages") {
        return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
               "\"delta\":{\"type\":\"text_delta\",\"text\":\"" +
               t + "\"}}\n\n";
    }
    return "data: {\"id\":\"chatcmpl-um3b2l9t12bzrtha63q8\",\"object\":\"chat.completion.chunk\","
           "\"created\":1747835957,\"model\":\"gemma-2-2b-it\",\"choices\":[{\"index\":0,"
           "\"delta\":{\"content\":\"" +
           t + "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
}

/// Frames of one stream. With escapes each has to be parsed, without the first alone.
std::string piece_of(std::string_view api, bool escapes) {
    constexpr std::array words = {" a", " quick", " brown", " fox"};
    std::string out;
    for (std::size_t i = 0; i < frames_in_piece; ++i) {
        out += frame_of(api, escapes ? "\\n" : words[i % words.size()]);
    }
    return out;
}

std::string in_chunks(std::string_view body) {
    std::array<char, 16> size;
    const int n = std::snprintf(size.data(), size.size(), "%zx\r\n", body.size());
    return std::string{size.data(), static_cast<std::size_t>(n)} + std::string{body} + "\r\n";
}

constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

struct counting_sink final : wire::sse_sink, wire::http_sink, wire::web_socket_sink, event_sink {
    void on_sse_event(const wire::sse_event& e) override { seen += e.data.size(); }
    void on_head(const wire::http_head&) override {}
    void on_body(std::string_view piece) override { seen += piece.size(); }
    void on_message(std::string_view text) override { seen += text.size(); }
    void on_ping(std::string_view) override {}
    void on_close(std::uint16_t, std::string_view) override {}
    void on_frame() override { ++seen; }
    void on_event(const stream_event&) override { ++seen; }
    std::size_t seen = 0;
};

void per_event(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(frames_in_piece));
}

void sse(benchmark::State& state) {
    const std::string piece = piece_of("openai-chat", false);
    counting_sink sink;
    wire::sse_parser parser;
    for (auto _ : state) parser.push(piece, sink);
    benchmark::DoNotOptimize(sink.seen);
    per_event(state);
}
BENCHMARK(sse);

void http_chunks(benchmark::State& state) {
    std::string piece;
    for (std::size_t i = 0; i < frames_in_piece; ++i) {
        piece += in_chunks(frame_of("openai-chat", " fox"));
    }
    counting_sink sink;
    wire::http_response parser{sink};
    parser.push(head);
    for (auto _ : state) parser.push(piece);
    benchmark::DoNotOptimize(sink.seen);
    per_event(state);
}
BENCHMARK(http_chunks);

void web_socket(benchmark::State& state) {
    std::string piece;
    for (std::size_t i = 0; i < frames_in_piece; ++i) {
        piece += wire::web_socket_frame(wire::web_socket_opcode::text, frame_of("lmstudio", " a"));
    }
    counting_sink sink;
    wire::web_socket_parser parser{sink};
    for (auto _ : state) parser.push(piece);
    benchmark::DoNotOptimize(sink.seen);
    per_event(state);
}
BENCHMARK(web_socket);

/// From the bytes of an HTTP answer to a record, clock and sockets left out.
void answer(benchmark::State& state, const char* name, bool escapes) {
    const std::string piece = in_chunks(piece_of(name, escapes));
    request_record record;
    const measure::window measured{instant{}, instant::max()};
    measure::recorder recorder{record, {.run_start = instant{}, .measured = &measured}};
    api::answer reader{*api::find_api(name), recorder};
    reader.push(head);
    instant now{};
    for (auto _ : state) {
        now += std::chrono::milliseconds{20};
        recorder.arrived(now, clock_source::kernel);
        reader.push(piece);
    }
    benchmark::DoNotOptimize(record.events);
    per_event(state);
}
BENCHMARK_CAPTURE(answer, lmstudio, "lmstudio", false);
BENCHMARK_CAPTURE(answer, lmstudio_parsed, "lmstudio", true);
BENCHMARK_CAPTURE(answer, openai_chat, "openai-chat", false);
BENCHMARK_CAPTURE(answer, openai_chat_parsed, "openai-chat", true);
BENCHMARK_CAPTURE(answer, anthropic_messages, "anthropic-messages", false);
BENCHMARK_CAPTURE(answer, anthropic_messages_parsed, "anthropic-messages", true);

std::array<nanoseconds, 1024> gaps() {
    std::array<nanoseconds, 1024> out;
    std::mt19937_64 random{1};
    std::lognormal_distribution<double> ms{3.0, 0.3};
    for (nanoseconds& gap : out) gap = nanoseconds{static_cast<std::int64_t>(ms(random) * 1e6)};
    return out;
}

template <class Histogram>
void record(benchmark::State& state) {
    const auto values = gaps();
    Histogram histogram;
    std::size_t i = 0;
    for (auto _ : state) histogram.record(values[i++ % values.size()], 1);
    benchmark::DoNotOptimize(histogram);
}
BENCHMARK(record<sparse_histogram>);
BENCHMARK(record<dense_histogram>);

void merge(benchmark::State& state) {
    sparse_histogram of_request;
    for (const nanoseconds gap : gaps()) of_request.record(gap, 1);
    dense_histogram of_level;
    for (auto _ : state) of_level.merge(of_request);
    benchmark::DoNotOptimize(of_level);
}
BENCHMARK(merge);

}  // namespace
