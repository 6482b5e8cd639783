// Images with a prompt, in the bodies of each API.

#include "api/api.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

using namespace lmstress;
namespace json = boost::json;
using role = api::chat_message::role;

namespace {

constexpr std::array two = {api::image{"image/png", "iVBORw0="}, api::image{"image/webp", "UklG"}};

const std::vector<api::chat_message> before = {
    {.by = role::user, .text = "first"},
    {.by = role::assistant, .text = "an answer"},
};

std::string sent(const char* api, const char* key, std::span<const api::image> images,
                 std::span<const api::chat_message> earlier = {}) {
    const api::chat_request r{
        .model = "m", .prompt = "What is it?", .earlier = earlier, .images = images};
    return json::serialize(json::parse(api::find_api(api)->request_body(r)).at(key));
}

}  // namespace

TEST_CASE("images: items of the native input") {
    CHECK(sent("lmstudio", "input", two) ==
          R"([{"type":"text","content":"What is it?"},)"
          R"({"type":"image","data_url":"data:image/png;base64,iVBORw0="},)"
          R"({"type":"image","data_url":"data:image/webp;base64,UklG"}])");
}

TEST_CASE("images: parts of a message of OpenAI's chat and of LM Studio's REST v0") {
    for (const char* api : {"openai-chat", "lmstudio-v0"}) {
        CAPTURE(api);
        CHECK(sent(api, "messages", two) ==
              R"([{"role":"user","content":[{"type":"text","text":"What is it?"},)"
              R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0="}},)"
              R"({"type":"image_url","image_url":{"url":"data:image/webp;base64,UklG"}}]}])");
    }
}

TEST_CASE("images: parts of an input item of OpenAI's responses") {
    CHECK(sent("openai-responses", "input", two) ==
          R"([{"role":"user","content":[{"type":"input_text","text":"What is it?"},)"
          R"({"type":"input_image","image_url":"data:image/png;base64,iVBORw0="},)"
          R"({"type":"input_image","image_url":"data:image/webp;base64,UklG"}]}])");
}

TEST_CASE("images: Anthropic's blocks stand before the text") {
    CHECK(sent("anthropic-messages", "messages", two) ==
          R"([{"role":"user","content":[{"type":"image","source":{"type":"base64",)"
          R"("media_type":"image/png","data":"iVBORw0="}},{"type":"image","source":)"
          R"({"type":"base64","media_type":"image/webp","data":"UklG"}},)"
          R"({"type":"text","text":"What is it?"}]}])");
}

TEST_CASE("images: a list beside the text of Ollama's message") {
    CHECK(sent("ollama", "messages", two) ==
          R"([{"role":"user","content":"What is it?","images":["iVBORw0=","UklG"]}])");
}

TEST_CASE("images: each prompt that is sent again has them, and no answer has") {
    const std::span one{two.data(), 1};
    CHECK(sent("ollama", "messages", one, before) ==
          R"([{"role":"user","content":"first","images":["iVBORw0="]},)"
          R"({"role":"assistant","content":"an answer"},)"
          R"({"role":"user","content":"What is it?","images":["iVBORw0="]}])");
    const std::string shown =
        R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0="}})";
    CHECK(sent("openai-chat", "messages", one, before) ==
          R"([{"role":"user","content":[{"type":"text","text":"first"},)" + shown +
              R"(]},{"role":"assistant","content":"an answer"},)"
              R"({"role":"user","content":[{"type":"text","text":"What is it?"},)" +
              shown + "]}]");
    CHECK(sent("openai-responses", "input", one, before) ==
          R"([{"role":"user","content":[{"type":"input_text","text":"first"},)"
          R"({"type":"input_image","image_url":"data:image/png;base64,iVBORw0="}]},)"
          R"({"type":"message","role":"assistant",)"
          R"("content":[{"type":"output_text","text":"an answer"}]},)"
          R"({"role":"user","content":[{"type":"input_text","text":"What is it?"},)"
          R"({"type":"input_image","image_url":"data:image/png;base64,iVBORw0="}]}])");
    const std::string block =
        R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0="}})";
    CHECK(sent("anthropic-messages", "messages", one, before) ==
          R"([{"role":"user","content":[)" + block +
              R"(,{"type":"text","text":"first"}]},{"role":"assistant","content":"an answer"},)"
              R"({"role":"user","content":[)" +
              block + R"(,{"type":"text","text":"What is it?"}]}])");
}
