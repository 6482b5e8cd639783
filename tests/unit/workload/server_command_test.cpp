#include "workload/server_command.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using lmstress::server_wishes;
using lmstress::workload::filled_in;
using lmstress::workload::is_command;
using lmstress::workload::secrets_in_command;
using lmstress::workload::shown_command;
using lmstress::workload::words_of_command;

namespace {

using words = std::vector<std::string>;

words split(const char* text) {
    const auto all = words_of_command(text);
    REQUIRE(all.has_value());
    return *all;
}

words filled(const char* text, const server_wishes& wishes) {
    const auto all = filled_in(split(text), wishes, "4711");
    REQUIRE(all.has_value());
    return *all;
}

std::string refusal(const char* text, const server_wishes& wishes = {}) {
    const auto all = filled_in(split(text), wishes, "4711");
    REQUIRE_FALSE(all.has_value());
    CHECK(lmstress::exit_code_of(all.error().code) == 2);
    return all.error().message;
}

}  // namespace

TEST_CASE("server command: what is counted by the token is no secret") {
    CHECK(shown_command("sim --prefill-per-token 200us --api-key x") ==
          "sim --prefill-per-token 200us --api-key ***");
    CHECK(secrets_in_command("sim --prefill-per-token 200us").empty());
}

TEST_CASE("server command: words are parted and quoted as in a shell") {
    CHECK(split("a  b\tc\n") == words{"a", "b", "c"});
    CHECK(split("'a b' \"c 'd'\" e\\ f") == words{"a b", "c 'd'", "e f"});
    CHECK(split("x'y z'\"w\"") == words{"xy zw"});
    CHECK(split("'' \"\"") == words{"", ""});
    CHECK(split("'a\\b' \"c\\d\" \"e\\\"f\\\\\"") == words{"a\\b", "c\\d", "e\"f\\"});
    CHECK(split("a $HOME *|;") == words{"a", "$HOME", "*|;"});
    CHECK(split("   ").empty());
    CHECK(split("end\\") == words{"end\\"});
}

TEST_CASE("server command: a quote that is not closed is an error, nothing is no command") {
    CHECK_FALSE(words_of_command("a 'b").has_value());
    CHECK_FALSE(words_of_command("\"a\\\"").has_value());
    CHECK_FALSE(is_command("a 'b"));
    CHECK_FALSE(is_command(" "));
    CHECK_FALSE(is_command("''"));
    CHECK(is_command("a"));
}

TEST_CASE("server command: placeholders are filled in") {
    const char* command =
        "llama-server --parallel {parallel} {kv_flag} -c {context_length} --port={port}";
    const server_wishes all{
        .parallel = 4, .unified_kv = true, .context_length = 8192, .command = {}};
    CHECK(filled(command, all) ==
          words{"llama-server", "--parallel", "4", "--kv-unified", "-c", "8192", "--port=4711"});
    server_wishes split_kv = all;
    split_kv.unified_kv = false;
    CHECK(filled(command, split_kv).at(3) == "--no-kv-unified");
    server_wishes open = all;
    open.unified_kv.reset();
    CHECK(filled(command, open).at(3) == "-c");
    CHECK(filled("a '' {kv_flag}x", open) == words{"a", "", "x"});
    CHECK(filled(R"(a '{"k": 1}' {} {)", open) == words{"a", R"({"k": 1})", "{}", "{"});
}

TEST_CASE("server command: a placeholder without a value, and one that is none") {
    CHECK(refusal("a {parallel}").find("no --n-parallel says") != std::string::npos);
    CHECK(refusal("a {context_length}").find("no --context-length says") != std::string::npos);
    CHECK(refusal("a {paralel}").find("{paralel}, which is no placeholder") != std::string::npos);
}

TEST_CASE("server command: shown with its quotes and without its keys") {
    CHECK(shown_command("a  'b c' \"d'e\" {port} ''") == "a 'b c' 'd'\\''e' {port} ''");
    const char* with_keys = "a --api-key hush-hush --hf-token=quiet-quiet -t 4 --key-file f";
    CHECK(shown_command(with_keys) == "a --api-key *** --hf-token=*** -t 4 --key-file f");
    CHECK(secrets_in_command(with_keys) == words{"hush-hush", "quiet-quiet"});
}
