#include "cli/swept_models.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;

namespace {

const std::vector<server::catalog_entry> all = {
    {.key = "a/sees", .type = "llm", .vision = true, .tool_use = false},
    {.key = "b/calls", .type = "llm", .vision = false, .tool_use = true},
    {.key = "c/embeds", .type = "embedding"}};

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("swept models: all of them that chat, or those that are like that") {
    sweep_settings w{.models = {"all"}};
    CHECK(cli::choose_models(all, w)->names == strings{"a/sees", "b/calls"});
    CHECK(cli::choose_models(all, w)->left_out.empty());
    w.limit = 1;
    CHECK(cli::choose_models(all, w)->names == strings{"a/sees"});
    w = {.models = {"all"}, .type = "embedding"};
    CHECK(cli::choose_models(all, w)->names == strings{"c/embeds"});
    w = {.models = {"all"}, .only_vision = true, .only_tools = true};
    CHECK(cli::choose_models(all, w).error().code == errc::model_not_there);
}

TEST_CASE("swept models: of a list the same choice, and what is left out is told") {
    sweep_settings w{.models = {"b/calls", "a/sees", "c/embeds"}};
    CHECK(cli::choose_models(all, w)->names == w.models);
    w.only_vision = true;
    const auto seeing = cli::choose_models(all, w).value();
    CHECK(seeing.names == strings{"a/sees"});
    CHECK(seeing.left_out ==
          strings{"b/calls is left out: it is not one that sees pictures",
                  "c/embeds is left out: the server does not say whether it sees pictures"});
    w.only_vision = false;
    w.type = "llm";
    w.limit = 1;
    const auto one = cli::choose_models(all, w).value();
    CHECK(one.names == strings{"b/calls"});
    CHECK(one.left_out == strings{"a/sees is left out: --limit is 1",
                                  "c/embeds is left out: it is of the type embedding"});
    w.models.emplace_back("nowhere");
    CHECK(cli::choose_models(all, w).error().message == "the server has no model nowhere");
}

TEST_CASE("swept models: a list that nothing chooses among asks no server") {
    scenario s;
    s.target.url = "http://127.0.0.1:1";
    CHECK(cli::models_to_sweep(s)->names.empty());
    s.sweep.models = {"a", "b"};
    CHECK(cli::models_to_sweep(s)->names == strings{"a", "b"});
    s.server.command = "llama-server -m {model} --port {port}";
    s.sweep.only_tools = true;
    CHECK(cli::models_to_sweep(s).error().message.starts_with("--only-tools asks the server"));
    s.sweep = {.models = {"all"}};
    CHECK(cli::models_to_sweep(s).error().message.starts_with("--models all asks the server"));
}
