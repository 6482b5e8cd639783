// Images with prompts, and several texts in an embedding request, with the real program on both
// ends.

#include "support/child_process.hpp"
#include "support/json_schema.hpp"
#include "support/truth.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace lmstress;
using namespace std::string_literals;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> seeing = {"--model", "google/gemma-3-4b",   "--step-base",
                                         "2ms",     "--prefill-per-token", "5us"};

std::string file_with(const test::temporary_directory& at, const std::string& name,
                      const std::string& content) {
    const std::string path = at.path() / name;
    std::ofstream{path, std::ios::binary} << content;
    return path;
}

const std::string png = "\x89PNG\r\n\x1A\nno more than its beginning"s;
const std::string jpeg = "\xFF\xD8\xFF\xE0 the same"s;

std::vector<std::uint64_t> input_tokens(const std::string& api,
                                        const std::vector<std::string>& flags) {
    test::simulator sim{seeing};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "result";
    std::vector<std::string> command = {
        "run",  "--url", sim.url(), "--api",    api,  "--requests",   "4", "--salt",
        "seed", "--out", out,       "--warmup", "0s", "--max-tokens", "4"};
    command.insert(command.end(), flags.begin(), flags.end());
    const auto run = test::run_lmstress(command);
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    std::vector<std::uint64_t> tokens;
    for (const request_record& r : test::read_records(out)) {
        CHECK(r.ended == outcome::completed);
        tokens.push_back(r.input_tokens.value_or(0));
    }
    return tokens;
}

std::string refused(std::vector<std::string> flags, int code = 2) {
    flags.insert(flags.begin(), "run");
    const auto run = test::run_lmstress(flags);
    CAPTURE(run.output);
    CHECK(run.exit_code == code);
    return run.output;
}

bool says(const std::string& output, const std::string& sentence) {
    CAPTURE(output);
    CAPTURE(sentence);
    return output.find(sentence) != std::string::npos;
}

}  // namespace

TEST_CASE("images: over each API the server counts both in every prompt") {
    const test::temporary_directory at;
    const std::string first = file_with(at, "a", png);
    const std::string second = file_with(at, "b", jpeg);
    for (const std::string api : {"lmstudio", "openai-chat", "openai-responses", "lmstudio-v0",
                                  "anthropic-messages", "ollama", "lmstudio-sdk"}) {
        CAPTURE(api);
        auto without = input_tokens(api, {});
        REQUIRE(without.size() == 4);
        for (std::uint64_t& n : without) n += 512;
        CHECK(input_tokens(api, {"--image", first, "--image", second}) == without);
    }
}

TEST_CASE("images: what an API or a model cannot see is refused") {
    const test::temporary_directory at;
    const std::string file = file_with(at, "a", png);
    for (const std::string api : {"openai-completions", "openai-embeddings"}) {
        CHECK(says(refused({"--dry-run", "--api", api, "--image", file}),
                   api + " has no way to express images"));
        test::simulator sim{seeing};
        CHECK(says(refused({"--url", sim.url(), "--api", api, "--image", file}),
                   api + " has no way to express images"));
    }
    test::simulator blind{{}};
    const test::temporary_directory out;
    CHECK(says(refused({"--url", blind.url(), "--image", file, "--requests", "2", "--out",
                        out.path() / "result"},
                       3),
               "Model does not support images."));
}

TEST_CASE("images: the SDK's socket names what was sent before, and a server without it says so") {
    const test::temporary_directory at;
    const std::string file = file_with(at, "a", png);
    const auto shown =
        test::run_lmstress({"run", "--dry-run", "--api", "lmstudio-sdk", "--image", file});
    CHECK(shown.exit_code == 0);
    CHECK(says(shown.output, "\"identifier\": \"<what the server calls it>\""));
    CHECK(says(shown.output, "\"name\": \"image.png\""));
    test::simulator deaf{{"--model", "google/gemma-3-4b", "--sdk-socket", "off"}};
    CHECK(says(refused({"--url", deaf.url(), "--api", "lmstudio-sdk", "--image", file}, 3),
               "the images cannot be sent over the socket of LM Studio's SDK"));
}

TEST_CASE("images: a file that is none is one sentence") {
    const test::temporary_directory at;
    const std::string gif = file_with(at, "a.png", "GIF89a");
    CHECK(says(refused({"--dry-run", "--image", gif}),
               gif + " is no image: it is neither PNG nor JPEG nor WebP"));
    CHECK(says(refused({"--dry-run", "--image", "no-such.png"}), "cannot read no-such.png"));
    CHECK(says(refused({"--dry-run", "--image", at.path()}), "is a directory"));
    CHECK(says(refused({"--dry-run", "--image", "/dev/zero"}), "/dev/zero is no file"));
}

TEST_CASE("images: a dry run does not show their bytes, but the length with them") {
    const test::temporary_directory at;
    std::string large = png;
    large.resize(300'000, 'x');
    const auto run = test::run_lmstress({"run", "--dry-run", "--image", file_with(at, "a", large)});
    CHECK(run.exit_code == 0);
    CHECK(says(run.output, "\"data_url\": \"data:image/png;base64,<the image>\""));
    CHECK(run.output.size() < 3000);
    const std::size_t length = run.output.find("Content-Length: ");
    REQUIRE(length != std::string::npos);
    CHECK(std::stoul(run.output.substr(length + 16)) > 400'000);
}

TEST_CASE("embeddings: several texts a request, in the journal, the summary and the table") {
    test::simulator sim{
        {"--step-base", "2ms", "--prefill-per-token", "5us", "--load-seconds", "0.1"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "result";
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--api", "openai-embeddings", "--inputs",
                            "7", "--requests", "12", "--concurrency", "2", "--out", out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    CHECK(says(run.output, "inputs/s"));
    const auto records = test::read_records(out);
    CHECK(records.size() >= 12);
    for (const request_record& r : records) {
        CHECK(r.ended == outcome::completed);
        CHECK(r.inputs == 7);
        CHECK(r.vector_size == 8);
    }
    const std::string summary = test::content_of(out / "summary.json");
    const auto level = boost::json::parse(summary).at("levels").at(0);
    CHECK(level.at("vector_size").to_number<int>() == 8);
    const auto& rates = level.at("throughput");
    CHECK(rates.at("inputs_per_second").to_number<double>() ==
          doctest::Approx(7 * rates.at("requests_per_second").to_number<double>()));
    // Built anew from its journal it is the same, to the byte.
    fs::remove(out / "summary.json");
    CHECK(test::run_lmstress({"report", out}).exit_code == 0);
    CHECK(test::content_of(out / "summary.json") == summary);
}

TEST_CASE("embeddings: the texts of a request differ, and are the prompts one after another") {
    const auto run = test::run_lmstress({"run", "--dry-run", "--api", "openai-embeddings",
                                         "--inputs", "3", "--prompt", "the same", "--model", "m"});
    CHECK(run.exit_code == 0);
    const std::size_t begin = run.output.find("\n{");
    const std::size_t end = run.output.find("\n}", begin);
    REQUIRE(end != std::string::npos);
    const auto body = boost::json::parse(run.output.substr(begin, end + 2 - begin));
    const auto& texts = body.at("input").as_array();
    REQUIRE(texts.size() == 3);
    CHECK(texts[0] != texts[1]);
    CHECK(texts[1] != texts[2]);
}

TEST_CASE("embeddings: --inputs where nothing is embedded is refused") {
    CHECK(says(refused({"--dry-run", "--api", "openai-chat", "--inputs", "2"}),
               "openai-chat has no way to express several texts to embed in one request"));
    CHECK(says(refused({"--dry-run", "--inputs", "0"}), "--inputs"));
    CHECK(says(refused({"--dry-run", "--api", "openai-embeddings", "--inputs", "2",
                        "--conversations", "a"}),
               "--inputs and --conversations exclude each other"));
}
