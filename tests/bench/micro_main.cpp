// Runs the benchmarks of single parts. With --guard it also judges them: each by how long it takes
// beside a yardstick that is measured in the same run, so that the bounds hold on any machine. They
// are wide, about four times what was measured: they find a part that became another order of slow.

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::string_view yardstick_name = "yardstick";

/// A hash of 4 KiB, byte after byte: nothing but the speed of the processor.
void yardstick(benchmark::State& state) {
    const std::string bytes(4096, 'x');
    for (auto _ : state) {
        std::uint64_t hash = 14695981039346656037ULL;
        for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        benchmark::DoNotOptimize(hash);
    }
}
BENCHMARK(yardstick);

struct bound {
    std::string_view part;
    double most;  ///< as a share of the yardstick's time
};
constexpr bound bounds[] = {
    {"sse", 0.25},
    {"http_chunks", 0.25},
    {"web_socket", 0.15},
    {"answer/lmstudio", 0.7},
    {"answer/lmstudio_parsed", 1.8},
    {"answer/openai_chat", 0.7},
    {"answer/openai_chat_parsed", 6},
    {"answer/anthropic_messages", 1.1},
    {"answer/anthropic_messages_parsed", 4},
    {"record<sparse_histogram>", 0.012},
    {"record<dense_histogram>", 0.004},
    {"merge", 0.3},
};

/// Of each benchmark the shortest time of its repetitions, which is the least disturbed one.
class shortest_times final : public benchmark::ConsoleReporter {
  public:
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.run_type != Run::RT_Iteration || run.iterations == 0) continue;
            const double ns = run.cpu_accumulated_time / static_cast<double>(run.iterations) * 1e9;
            const auto [at, is_new] = ns_.try_emplace(run.run_name.function_name, ns);
            if (!is_new) at->second = std::min(at->second, ns);
        }
        ConsoleReporter::ReportRuns(runs);
    }
    [[nodiscard]] double of(std::string_view name) const {
        const auto at = ns_.find(std::string{name});
        return at == ns_.end() ? 0 : at->second;
    }
    [[nodiscard]] std::size_t count() const { return ns_.size(); }

  private:
    std::map<std::string, double> ns_;
};

int judge(const shortest_times& times) {
    const double unit = times.of(yardstick_name);
    int status = unit > 0 ? 0 : 1;
    std::printf("\n%-34s %12s %12s\n", "part", "of yardstick", "at most");
    for (const bound& b : bounds) {
        const double share = times.of(b.part) / std::max(unit, 1e-9);
        const bool holds = share > 0 && share <= b.most;
        std::printf("%-34s %12.4f %12.4f%s\n", std::string{b.part}.c_str(), share, b.most,
                    holds ? "" : "  TOO SLOW, or not measured");
        if (!holds) status = 1;
    }
    if (times.count() != std::size(bounds) + 1) {
        std::printf("A benchmark has no bound here: micro_main.cpp\n");
        status = 1;
    }
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<char*> arguments{argv, argv + argc};
    const bool guard = std::erase_if(arguments, [](const char* a) {
                           return std::string_view{a} == "--guard";
                       }) > 0;
    std::string repeat = "--benchmark_repetitions=5";
    std::string brief = "--benchmark_min_time=0.02";
    if (guard) arguments.insert(arguments.end(), {repeat.data(), brief.data()});
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
    shortest_times times;
    benchmark::RunSpecifiedBenchmarks(&times);
    return guard ? judge(times) : 0;
}
