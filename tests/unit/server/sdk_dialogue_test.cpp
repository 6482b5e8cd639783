// LM Studio's SDK protocol as texts: what we send, and what becomes of each thing that may come.

#include "server/sdk_dialogue.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <string>

using lmstress::server::sdk_dialogue;
using kind = sdk_dialogue::event::kind;
namespace json = boost::json;

namespace {

sdk_dialogue admitted() {
    sdk_dialogue d;
    REQUIRE(d.take(R"({"success":true})").what == kind::admitted);
    return d;
}

sdk_dialogue calling() {
    sdk_dialogue d = admitted();
    CHECK(d.call("listLoaded", nullptr) ==
          R"({"type":"rpcCall","endpoint":"listLoaded","callId":1})");
    return d;
}

sdk_dialogue loading() {
    sdk_dialogue d = admitted();
    CHECK(d.open_channel("loadModel", json::parse(R"({"modelKey":"m"})")) ==
          R"({"type":"channelCreate","endpoint":"loadModel","channelId":1,)"
          R"("creationParameter":{"modelKey":"m"}})");
    return d;
}

}  // namespace

TEST_CASE("sdk: a token is a name and a key; without one we are a guest") {
    CHECK(sdk_dialogue::greeting("sk-lm-abcd1234:0123456789abcdefghij") ==
          R"({"authVersion":1,"clientIdentifier":"abcd1234",)"
          R"("clientPasskey":"0123456789abcdefghij"})");
    for (const char* other : {"", "secret", "sk-lm-nocolon", "x:y"}) {
        CAPTURE(other);
        CHECK(
            sdk_dialogue::greeting(other) ==
            R"({"authVersion":1,"clientIdentifier":"guest:lmstress","clientPasskey":"lmstress"})");
    }
}

TEST_CASE("sdk: the greeting is accepted, refused, or no greeting at all") {
    CHECK(sdk_dialogue{}.take(R"({"success":true})").what == kind::admitted);
    const auto refused = sdk_dialogue{}.take(R"({"success":false,"error":"no such token"})");
    CHECK(refused.what == kind::refused);
    CHECK(refused.why == "no such token");
    for (const char* other :
         {"", "[]", "{}", "hello", R"({"success":"true"})", R"({"type":"x"})"}) {
        CAPTURE(other);
        CHECK(sdk_dialogue{}.take(other).what == kind::failed);
    }
}

TEST_CASE("sdk: a call is answered once, by its own number") {
    sdk_dialogue d = calling();
    CHECK(d.take(R"({"type":"rpcResult","callId":7,"result":[]})").what == kind::nothing);
    CHECK(d.take(R"({"type":"communicationWarning","warning":"w"})").what == kind::nothing);
    CHECK(d.take(R"({"type":"channelClose","callId":1})").what == kind::nothing);
    const auto e = d.take(R"({"type":"rpcResult","callId":1,"result":{"fields":[]}})");
    CHECK(e.what == kind::answer);
    CHECK(e.value == json::parse(R"({"fields":[]})"));
    CHECK(d.take(R"({"type":"rpcResult","callId":1,"result":[]})").what == kind::nothing);
    CHECK(d.call("unloadModel", json::parse(R"({"identifier":"m"})")) ==
          R"({"type":"rpcCall","endpoint":"unloadModel","callId":2,)"
          R"("parameter":{"identifier":"m"}})");
}

TEST_CASE("sdk: a result of nothing is a result") {
    sdk_dialogue d = calling();
    const auto e = d.take(R"({"type":"rpcResult","callId":1})");
    CHECK(e.what == kind::answer);
    CHECK(e.value.is_null());
}

TEST_CASE("sdk: a call fails with the server's words") {
    const auto why = [](const char* text) {
        sdk_dialogue d = calling();
        const auto e = d.take(text);
        CHECK(e.what == kind::failed);
        return e.why;
    };
    CHECK(why(R"({"type":"rpcError","callId":1,"error":{"title":"No model","cause":"m"}})") ==
          "No model: m");
    CHECK(why(R"({"type":"rpcError","callId":1,"error":{"title":"No model"}})") == "No model");
    CHECK(why(R"({"type":"rpcError","callId":1,"error":{}})") == "an error without a text");
    CHECK(why(R"({"type":"rpcError","callId":1})") == "an error without a text");
    CHECK(why("not JSON") == "a message that is no JSON object");
}

TEST_CASE("sdk: a channel brings messages, wants some acknowledged, and closes") {
    sdk_dialogue d = loading();
    auto e = d.take(R"({"type":"channelSend","channelId":1,"message":{"type":"progress"}})");
    CHECK(e.what == kind::message);
    CHECK(e.value == json::parse(R"({"type":"progress"})"));
    CHECK(e.reply.empty());
    e = d.take(R"({"type":"channelSend","channelId":1,"message":{},"ackId":5})");
    CHECK(e.what == kind::message);
    CHECK(e.reply == R"({"type":"channelAck","channelId":1,"ackId":5})");
    CHECK(d.take(R"({"type":"channelSend","channelId":2,"message":{}})").what == kind::nothing);
    CHECK(d.take(R"({"type":"channelAck","channelId":1,"ackId":0})").what == kind::nothing);
    CHECK(d.take(R"({"type":"channelClose","channelId":1})").what == kind::closed);
    CHECK(d.take(R"({"type":"channelSend","channelId":1,"message":{}})").what == kind::nothing);
}

TEST_CASE("sdk: a channel fails at the beginning or after a message") {
    const std::string error =
        R"({"type":"channelError","channelId":1,"error":{"title":"Failed to load"}})";
    for (const bool begun : {false, true}) {
        sdk_dialogue d = loading();
        if (begun) {
            CHECK(d.take(R"({"type":"channelSend","channelId":1,"message":{}})").what ==
                  kind::message);
        }
        const auto e = d.take(error);
        CHECK(e.what == kind::failed);
        CHECK(e.why == "Failed to load");
        CHECK(d.take(error).what == kind::nothing);
    }
}
