// An HTTP answer: however the bytes are cut, its head, its body and its end are the same.

#include "fuzz/fuzz.hpp"
#include "wire/http_response.hpp"

namespace fuzz {
namespace {

using namespace lmstress;

struct sink final : wire::http_sink {
    void on_head(const wire::http_head& h) override {
        require(!said_head);
        said_head = true;
        text += std::to_string(h.status) + '\n' + h.content_type + '\n' + h.server + '\n' +
                h.location + '\n';
    }
    void on_body(std::string_view piece) override {
        require(said_head);
        text += piece;
    }
    std::string text;
    bool said_head = false;
};

struct outcome {
    outcome(std::string_view bytes, std::size_t piece, bool closes) {
        sink to;
        wire::http_response answer{to};
        push_in_pieces(bytes, piece, [&](std::string_view p) { answer.push(p); });
        if (closes) answer.finish();
        text = std::move(to.text);
        state = answer.state();
        begun = answer.begun();
        reusable = answer.reusable();
    }
    bool operator==(const outcome&) const = default;

    std::string text;
    wire::http_response::status state;
    bool begun;
    bool reusable;
};

}  // namespace

void take(std::string_view input) {
    const std::size_t options = choice(input);
    const bool closes = options % 2 == 1;
    const std::size_t piece = 1 + options / 2 % 16;
    const outcome whole{input, input.size() + 1, closes};
    const outcome cut{input, piece, closes};
    // Of bytes that are no HTTP, how many were taken for a body before that is up to the cut.
    require(whole.state == cut.state);
    if (whole.state != wire::http_response::status::not_http) require(whole == cut);
}

}  // namespace fuzz
