#include "cli/environment.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace lmstress;
using variables = std::vector<std::string>;

namespace {

/// "pointer json name" of each.
std::vector<std::string> texts_of(const std::vector<workload::assignment>& all) {
    std::vector<std::string> out;
    for (const auto& a : all) out.push_back(a.pointer + ' ' + a.json + ' ' + a.name);
    return out;
}

std::vector<std::string> set_by(const variables& all) {
    const auto found = cli::settings_in(all);
    REQUIRE(found.has_value());
    return texts_of(found->own);
}

}  // namespace

TEST_CASE("environment: every field has a variable of its own, named as its flag") {
    std::set<std::string> names;
    for (const auto& f : workload::scenario_fields()) {
        CAPTURE(f.pointer);
        CHECK(names.insert(cli::variable_of(f)).second);
    }
    CHECK(names.contains("LMSTRESS_URL"));
    CHECK(names.contains("LMSTRESS_N_PARALLEL"));
    CHECK(names.contains("LMSTRESS_NO_QUICKACK"));
}

TEST_CASE("environment: values become what the flags would make of them") {
    CHECK(set_by({"LMSTRESS_N_PARALLEL=8", "LMSTRESS_DURATION=2m", "LMSTRESS_TEMPERATURE=0.5"}) ==
          variables{"/server/parallel 8 LMSTRESS_N_PARALLEL",
                    "/load/duration \"2m\" LMSTRESS_DURATION",
                    "/request/temperature 0.5 LMSTRESS_TEMPERATURE"});
    CHECK(set_by({"LMSTRESS_HEADER=X-Team: blue\n\nX-Key: a=b"}) ==
          variables{R"(/target/headers {"X-Team":"blue"} LMSTRESS_HEADER)",
                    R"(/target/headers {"X-Key":"a=b"} LMSTRESS_HEADER)"});
    CHECK(set_by({"LMSTRESS_LABEL=machine=m4"}) ==
          variables{R"(/output/labels {"machine":"m4"} LMSTRESS_LABEL)"});
}

TEST_CASE("environment: a flag without a value is on or off") {
    CHECK(set_by({"LMSTRESS_INSECURE=on"}) ==
          variables{"/target/verify_tls false LMSTRESS_INSECURE"});
    CHECK(set_by({"LMSTRESS_INSECURE=0"}) ==
          variables{"/target/verify_tls true LMSTRESS_INSECURE"});
    CHECK(set_by({"LMSTRESS_EVENTS=True"}) == variables{"/output/events true LMSTRESS_EVENTS"});
    const auto wrong = cli::settings_in(variables{"LMSTRESS_EVENTS=maybe"});
    REQUIRE(wrong.has_error());
    CHECK(wrong.error().message == "LMSTRESS_EVENTS: \"maybe\" is not on or off");
}

TEST_CASE("environment: what is empty or of others sets nothing") {
    CHECK(set_by({"LMSTRESS_URL=", "PATH=/bin", "LMSTRESS", "HOME"}).empty());
}

TEST_CASE("environment: LM_API_TOKEN stands behind our own") {
    const auto found = cli::settings_in(variables{"LM_API_TOKEN=a", "LMSTRESS_API_TOKEN=b"});
    REQUIRE(found.has_value());
    CHECK(texts_of(found->generic) == variables{"/target/api_token \"a\" LM_API_TOKEN"});
    CHECK(texts_of(found->own) == variables{"/target/api_token \"b\" LMSTRESS_API_TOKEN"});
}

TEST_CASE("environment: a name that sets nothing is told, with the nearest that does") {
    const auto found = cli::settings_in(variables{"LMSTRESS_CONCURENCY=secret", "LMSTRESS_QQ=1"});
    REQUIRE(found.has_value());
    CHECK(found->unknown ==
          variables{"the environment variable LMSTRESS_CONCURENCY sets nothing that lmstress "
                    "knows; did you mean LMSTRESS_CONCURRENCY?",
                    "the environment variable LMSTRESS_QQ sets nothing that lmstress knows."});
}

TEST_CASE("environment: a header that is none is not shown") {
    const auto wrong = cli::settings_in(variables{"LMSTRESS_HEADER=SECRET"});
    REQUIRE(wrong.has_error());
    CHECK(wrong.error().message == "LMSTRESS_HEADER: a header is no \"Name: value\"");
}
