#include "wire/secrets.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

using lmstress::wire::secrets;

TEST_CASE("secrets: a value and its words are hidden, the longest first, short ones stay") {
    secrets s;
    s.add("Bearer sk-SECRET");
    s.add("sk-SECRET-longer");
    s.add("e");
    s.add("");
    CHECK(s.hidden_in("got Bearer sk-SECRET, sk-SECRET and sk-SECRET-longer, e") ==
          "got ***, *** and ***, e");
}

TEST_CASE("secrets: the beginning of one is hidden as well") {
    secrets s;
    s.add("22aac52a71ff00");
    CHECK(s.hidden_in("Malformed LM Studio API token provided: 22aac52a71... Ensure") ==
          "Malformed LM Studio API token provided: ***... Ensure");
    CHECK(s.hidden_in("22aac52a71ff00 22aac52a 22aac52") == "*** *** 22aac52");
    CHECK(s.hidden_in("22aac52") == "22aac52");
}

TEST_CASE("secrets: those of an integration's headers are found in JSON, and hidden in it") {
    const char* text =
        R"({"integrations":[{"server_url":"http://h","headers":{"Authorization":"Bearer KEYKEY"}}],"max_tokens":5,"x-api-key":"abcdef"})";
    CHECK(
        lmstress::wire::without_secrets(text) ==
        R"({"integrations":[{"server_url":"http://h","headers":{"Authorization":"***"}}],"max_tokens":5,"x-api-key":"***"})");
    secrets s;
    s.add_those_in(boost::json::parse(text));
    CHECK(s.hidden_in("KEYKEY abcdef http://h") == "*** *** http://h");
}

TEST_CASE("secrets: the user, the password and the query of a URL are keys as well") {
    const char* text =
        R"({"integrations":[{"server_url":"https://me:PASSWORD@h:1/mcp?key=QUERYKEY&v=1#FRAGMENT"}]})";
    CHECK(lmstress::wire::without_secrets(text) ==
          R"({"integrations":[{"server_url":"https://***@h:1/mcp?***"}]})");
    secrets s;
    s.add_those_in(boost::json::parse(text));
    CHECK(s.hidden_in("QUERYKEY, PASSWORD, FRAGMENT, https://h:1/mcp?v=1") ==
          "***, ***, ***, https://h:1/mcp?v=1");
    for (const char* plain :
         {R"({"server_url":"https://h/a@b"})", R"({"url":"http://h"})", R"({"server_url":"?"})",
          R"({"image_url":{"url":"data:image/png;base64,AAAA"}})", R"({"server_url":"http://h/?"})",
          R"({"server_url":5})"}) {
        CHECK(lmstress::wire::without_secrets(plain) == plain);
    }
}

TEST_CASE("secrets: so is the path of an MCP server, where it may be its key") {
    const char* text =
        R"({"integrations":[{"server_url":"https://h/api/messages/KEY-0815-abc/sse?v=1"}]})";
    CHECK(lmstress::wire::without_secrets(text) ==
          R"({"integrations":[{"server_url":"https://h/***?***"}]})");
    secrets s;
    s.add_those_in(boost::json::parse(text));
    CHECK(s.hidden_in("KEY-0815-abc, https://h/api/messages/KEY-0815-abc/sse, messages, /api/x") ==
          "***, https://h/api/messages/***/sse, messages, /api/x");
    CHECK(s.hidden_in("no such key: KEY-0815...") == "no such key: ***...");
    secrets word;
    word.add_those_in(boost::json::parse(R"({"server_url":"http://h/mcp/sesame"})"));
    CHECK(word.hidden_in("http://h/mcp/sesame: open sesame") == "http://h/mcp/***: open ***");
    for (const char* plain :
         {R"({"server_url":"http://h/mcp"})", R"({"server_url":"http://h/v1/sse/"})",
          R"({"server_url":"http://h/servers/messages"})",
          R"({"image_url":"https://h/pictures/KEY-0815-abc.png"})"}) {
        CHECK(lmstress::wire::without_secrets(plain) == plain);
    }
}
