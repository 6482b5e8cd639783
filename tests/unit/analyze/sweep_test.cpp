#include "analyze/sweep.hpp"

#include "support/swept.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;

using test::cell_of;

TEST_CASE("sweep: the parallelism that was set is the one that is seen, where the load shows it") {
    for (const bool unified : {true, false}) {
        for (const std::uint32_t n : {1U, 2U, 4U, 8U, 16U}) {
            CAPTURE(unified);
            CAPTURE(n);
            const server_variant v{.parallel = n, .unified_kv = unified};
            const auto cell = cell_of(v, 0, 0, 2 * n);
            CHECK(analyze::shown_parallel({&cell, 1}, 0) == n);
            CHECK(cell.figures.batch->in_slots == n);
            CHECK(analyze::not_in_force(v, cell.figures).empty());
            const auto few = cell_of(v, 0, 0, n);
            CHECK_FALSE(analyze::shown_parallel({&few, 1}, 0).has_value());
            CHECK(analyze::not_in_force(v, few.figures).empty());
        }
    }
}

TEST_CASE(
    "sweep: a setting that did not take effect is told, by the server's word or by the data") {
    auto cell = cell_of({.parallel = 4}, 0, 0, 8);
    CHECK(analyze::not_in_force({.parallel = 4}, cell.figures).empty());
    // It does not say, and runs four at once: eight clients do not show what sixteen do.
    CHECK(analyze::not_in_force({.parallel = 8}, cell.figures).empty());
    CHECK(analyze::not_in_force({.parallel = 8}, cell_of({.parallel = 4}, 0, 0, 16).figures) ==
          std::vector<std::string>{"4 streams decode at once and not 8"});
    CHECK(analyze::not_in_force({.parallel = 2}, cell.figures).size() == 1);
    server_settings& said = cell.figures.level.setup.server;
    said.parallel.confirmed = 8;
    CHECK(analyze::not_in_force({.parallel = 8}, cell.figures).empty());
    CHECK(analyze::not_in_force({.parallel = 4}, cell.figures) ==
          std::vector<std::string>{"the server says parallel 8 and not 4"});
    said.unified_kv.confirmed = false;
    said.context_length.confirmed = 2048;
    CHECK(analyze::not_in_force({.unified_kv = true, .context_length = 4096}, cell.figures) ==
          std::vector<std::string>{"the server has a unified KV cache off and not on",
                                   "the server says a context of 2048 tokens and not 4096"});
    // llama.cpp tells the context of one slot: its share, where there is no pool.
    said = {};
    said.parallel = {4, 4, llama_cpp_props};
    said.context_length = {{}, 2048, llama_cpp_props};
    const auto otherwise = [&](bool unified, std::uint64_t context) {
        return analyze::not_in_force(
            {.parallel = 4, .unified_kv = unified, .context_length = context}, cell.figures);
    };
    CHECK(otherwise(false, 8192).empty());
    CHECK(otherwise(true, 2048).empty());
    CHECK(
        otherwise(false, 16384) ==
        std::vector<std::string>{"the server says a context of 2048 tokens in a slot and not 4096 "
                                 "that are a slot's share of the 16384"});
    CHECK(otherwise(true, 8192) ==
          std::vector<std::string>{
              "the server says a context of 2048 tokens in a slot and not 8192"});
}

TEST_CASE("sweep: a server that runs one stream at once decodes it") {
    const auto cell = cell_of({.parallel = 1}, 0, 0, 8);
    CHECK(analyze::not_in_force({.parallel = 4}, cell.figures) ==
          std::vector<std::string>{"1 stream decodes at once and not 4"});
}

TEST_CASE("sweep: what requests show of the slots outweighs what the server says of its settings") {
    auto cell = cell_of({.parallel = 4}, 0, 0, 16);
    cell.figures.level.setup.server.parallel.confirmed = 8;
    REQUIRE(cell.figures.batch->in_slots == 4);
    CHECK(analyze::not_in_force({.parallel = 8}, cell.figures) ==
          std::vector<std::string>{"4 streams decode at once and not 8"});
    // Where more have a slot than decode, long prompts are processed one by one.
    cell.figures.batch->in_slots = 6;
    CHECK(analyze::not_in_force({.parallel = 8}, cell.figures).empty());
}

TEST_CASE("sweep: what the server loaded otherwise than asked is not in force, and said once") {
    auto cell = cell_of({.parallel = 4}, 0, 0, 8);
    const std::string fast = "the server says flash_attention is true, not false";
    cell.figures.not_as_asked = {fast};
    CHECK(analyze::not_in_force({.parallel = 4, .fields = {{"flash_attention", "false"}}},
                                cell.figures) == std::vector<std::string>{fast});
    cell.figures.level.setup.server.parallel.confirmed = 8;
    const std::string slots = "the server says parallel 8 and not 4";
    cell.figures.not_as_asked = {slots, fast};
    CHECK(analyze::not_in_force({.parallel = 4}, cell.figures) ==
          std::vector<std::string>{slots, fast});
}
