#include "server/server_process.hpp"

#include <doctest/doctest.h>

#include <string>

using lmstress::server::bounded_log;

TEST_CASE("bounded log: all of what is short, first and last of what is long") {
    bounded_log log{8};
    log.add("1234");
    log.add("5678ab");
    CHECK(log.text() == "12345678ab");
    for (int i = 0; i < 10; ++i) log.add("cdefgh");
    const std::string text = log.text();
    CHECK(text.starts_with("12345678\n["));
    CHECK(text.ends_with("cdefgh"));
    CHECK(text.size() < 64);
    const auto dropped = std::stoul(text.substr(text.find('[') + 1));
    const std::string kept = text.substr(text.find("]\n") + 2);
    CHECK(8 + dropped + kept.size() == 10 + 60);
}

TEST_CASE("bounded log: its last lines") {
    bounded_log log;
    CHECK(log.last_lines(2).empty());
    log.add("a\n\n  \nb\n");
    CHECK(log.last_lines(5) == "a | b");
    log.add("c");
    CHECK(log.last_lines(2) == "b | c");
}
