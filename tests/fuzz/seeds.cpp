// Writes what the fuzz targets begin with, a directory for each target: the streams and records of
// the unit tests, and the scenarios that are given as arguments.
//
//   fuzz_seeds DIRECTORY SCENARIO...

#include "api/api.hpp"
#include "store/record_json.hpp"
#include "store/run_json.hpp"
#include "support/records.hpp"
#include "support/streams.hpp"
#include "wire/web_socket.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

using namespace lmstress;
namespace fs = std::filesystem;

class corpus {
  public:
    explicit corpus(fs::path directory) : directory_(std::move(directory)) {
        fs::create_directories(directory_);
    }
    void add(const std::string& seed) {
        std::ofstream{directory_ / ("seed-" + std::to_string(++count_)), std::ios::binary} << seed;
    }

  private:
    fs::path directory_;
    int count_ = 0;
};

std::string chunked(std::string_view body) {
    std::ostringstream size;
    size << std::hex << body.size();
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n"
           "\r\n" +
           size.str() + ";x=1\r\n" + std::string{body} + "\r\n0\r\nTrailer: 1\r\n\r\n";
}

void seeds_of_streams(const fs::path& into) {
    corpus sse{into / "sse"};
    corpus lines{into / "lines"};
    corpus http{into / "http"};
    corpus web_socket{into / "web_socket"};
    corpus decoder{into / "decoder"};
    for (const auto& stream : test::streams()) {
        sse.add('\3' + stream.bytes);
        lines.add('\3' + stream.bytes);
        http.add('\4' + chunked(stream.bytes));
        http.add("\5HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + stream.bytes);
        web_socket.add('\0' + wire::web_socket_frame(wire::web_socket_opcode::text, stream.bytes));
        web_socket.add('\1' + wire::web_socket_frame(wire::web_socket_opcode::ping,
                                                     stream.bytes.substr(0, 100), 0xA5A5A5A5U));
        for (std::size_t i = 0; i < api::apis().size(); ++i) {
            decoder.add(static_cast<char>(i) + ('\5' + stream.bytes));
        }
    }
    http.add("\4HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 X\r\nContent-Length: 3\r\n\r\nabc");
}

void seeds_of_scenarios(const fs::path& into, const std::vector<std::string>& files) {
    corpus scenario{into / "scenario"};
    for (const std::string& file : files) {
        std::ostringstream text;
        text << std::ifstream{file}.rdbuf();
        scenario.add(text.str());
    }
}

void seeds_of_traces(const fs::path& into) {
    corpus trace{into / "trace"};
    trace.add(
        "{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 500}\n"
        "{\"timestamp\": 3000, \"input_length\": 915, \"output_length\": 355}\n");
    trace.add(
        "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        "5,ChatGPT,472,18,490,Conversation log\n45.5,ChatGPT,1087,230,1317,API log\n");
    trace.add(
        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n");
}

void seeds_of_journals(const fs::path& into) {
    using namespace std::chrono_literals;
    corpus journal{into / "journal"};
    run_setup setup;
    setup.id = "20260101-abcd";
    setup.scenario_json = "{}";
    const level_setup level = test::level_setup_of(0, 2);
    const level_course course{
        .window_begin = 1s,
        .window_end = 9s,
        .client = client_figures{.cpu = 2s, .wall = 9s, .max_rss_bytes = 1, .read_lag = {}}};
    const std::string notes = store::run_line(setup) + store::level_begin_line(level, course) +
                              store::level_end_line(level, course) + store::run_end_line(0, "");
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        journal.add(notes + '\0' + store::to_line(test::random_record(seed)));
    }
    journal.add(notes + '\0' + store::to_line(test::completed_record(2s, {3s, 4s, 5s})));
}

/// The first byte chooses what is asked.
void seeds_of_dashboard(const fs::path& into) {
    corpus all{into / "dashboard"};
    all.add(std::string{'\0'} + "/api/runs?model=a%20b&limit=5&tag=+x");
    all.add(std::string{'\1'} +
            "\x7F"
            "127.0.0.1:8765http://127.0.0.1:8765");
    all.add(std::string{'\1'} +
            "\x7F"
            "localhosthttp://localhost");
    all.add(std::string{'\1'} +
            "\x40"
            "[::1]:80http://[::1]:80");
    all.add(std::string{'\2'} + R"({"event":"begin","run_id":"k","directory":"/r","levels":1})" +
            '\n' + R"({"event":"progress","level":1,"in_flight":2})" + '\n' +
            R"({"event":"run_end","exit_code":0,"id":7})");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const fs::path into = argv[1];
    seeds_of_streams(into);
    seeds_of_scenarios(into, {argv + 2, argv + argc});
    seeds_of_traces(into);
    seeds_of_journals(into);
    seeds_of_dashboard(into);
    return 0;
}
