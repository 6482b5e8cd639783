// One request on one connection, against scripts of what a server does, in virtual time.

#include "load/exchange.hpp"

#include "net/virtual_clock.hpp"
#include "support/scripted_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace std::chrono_literals;
using namespace lmstress;
using test::step;
using kind = test::step::kind;

namespace {

const std::string token = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
const std::string finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string done = "data: [DONE]\n\n";
const std::string last = "0\r\n\r\n";
const std::string whole = test::stream_head() + test::chunk(token + token + finish + done) + last;

struct silent_listener final : load::exchange::listener {
    void on_sent(instant) override {}
    void on_read(const net::stamped_bytes&) override {}
    void on_left(instant, instant) override {}
};

/// A worker's connection with a script behind it; each run() is a request on it.
class scripted {
  public:
    explicit scripted(std::vector<test::scripted_connection> connections, deadline_settings d = {})
        : deadlines_(d), transport(time_, std::move(connections)) {
        window_.begin = instant{};
    }

    request_record run(nanoseconds abort_after = nanoseconds{0}) {
        request_record record;
        measure::recorder recorder{record, {.run_start = instant{}, .measured = &window_}};
        net::alarm abort{time_, [&] { exchange_.abort(); }};
        if (abort_after > 0ns) abort.set(time_.now() + abort_after);
        bool ended = false;
        boost::asio::co_spawn(context_, exchange_.run(request_, recorder),
                              [&](std::exception_ptr failed) {
                                  ended = !failed;
                                  ended_at = time_.now() - instant{};
                                  abort.cancel();
                              });
        time_.run();
        REQUIRE(ended);
        return record;
    }

    void idle(nanoseconds time) {
        net::alarm end{time_, [] {}};
        end.set(time_.now() + time);
        time_.run();
    }

    nanoseconds ended_at{0};

  private:
    boost::asio::io_context context_{1};
    net::virtual_clock time_{context_};
    deadline_settings deadlines_;
    measure::window window_;
    silent_listener listener_;
    const load::outgoing request_{
        .api = api::find_api("openai-chat"), .head = "POST / HTTP/1.1\r\n\r\n", .body = "{}"};

  public:
    test::scripted_transport transport;

    load::first_failure failure;

  private:
    net::gate connects_{time_};
    load::exchange exchange_{{time_, transport, deadlines_, failure, connects_}, listener_};
};

request_record run_once(std::vector<step> answer, deadline_settings d = {}) {
    scripted s{{{.answers = {std::move(answer)}}}, d};
    return s.run();
}

std::string kind_of(const request_record& r) {
    if (!r.error) return "";
    if (r.error->timed_out_in) return "timeout_" + std::string{to_string(*r.error->timed_out_in)};
    return std::string{to_string(*r.error->kind)};
}

deadline_settings gap_of(nanoseconds gap) {
    deadline_settings d;
    d.gap = gap;
    return d;
}

}  // namespace

TEST_CASE("exchange: a whole answer, and the connection carries the next one") {
    scripted s{{{.answers = {{{.bytes = whole}}, {{.bytes = whole}}}}}};
    const auto first = s.run();
    CHECK(first.ended == outcome::completed);
    CHECK_FALSE(first.connection_reused);
    CHECK(first.moments.has(moment::connect_end));
    const auto second = s.run();
    CHECK(second.ended == outcome::completed);
    CHECK(second.connection_reused);
    CHECK_FALSE(second.moments.has(moment::connect_start));
    CHECK(s.transport.opened == 1);
}

TEST_CASE("exchange: cut after every byte, it is never completed before the finish") {
    const std::size_t finished = whole.find("finish_reason") + 20;
    for (const kind how : {kind::close, kind::reset}) {
        for (std::size_t n = 0; n < whole.size(); ++n) {
            CAPTURE(n);
            const auto r = run_once({{.bytes = whole.substr(0, n)}, {.what = how, .after = 1ms}});
            REQUIRE((r.ended == outcome::failed || n > finished));
            if (n == 0) REQUIRE(kind_of(r) == "reset");
            if (n > 0 && r.ended == outcome::failed) REQUIRE(kind_of(r) == "truncated");
        }
    }
}

TEST_CASE("exchange: a deadline passes in the phase that it belongs to") {
    deadline_settings d;
    d.headers = 2s;
    d.first_token = 3s;
    d.gap = 1s;
    CHECK(kind_of(run_once({{.what = kind::silence}}, d)) == "timeout_headers");
    CHECK(kind_of(run_once({{.bytes = test::stream_head()}, {.what = kind::silence}}, d)) ==
          "timeout_first_token");
    CHECK(kind_of(run_once(
              {{.bytes = test::stream_head() + test::chunk(token)}, {.what = kind::silence}}, d)) ==
          "timeout_gap");
}

TEST_CASE("exchange: a server's comments move no deadline") {
    std::vector<step> answer = {{.bytes = test::stream_head() + test::chunk(token)}};
    for (int i = 0; i < 100; ++i)
        answer.push_back({.after = 300ms, .bytes = test::chunk(": ping\n\n")});
    scripted s{{{.answers = {answer}}}, gap_of(1s)};
    CHECK(kind_of(s.run()) == "timeout_gap");
    CHECK(s.ended_at == 1s);
}

TEST_CASE("exchange: events do") {
    std::vector<step> answer = {{.bytes = test::stream_head()}};
    for (int i = 0; i < 10; ++i) answer.push_back({.after = 900ms, .bytes = test::chunk(token)});
    answer.push_back({.bytes = test::chunk(finish + done) + last});
    CHECK(run_once(answer, gap_of(1s)).ended == outcome::completed);
}

TEST_CASE("exchange: the end of the message is waited for one second, whatever still comes") {
    std::vector<step> answer = {
        {.bytes = test::stream_head() + test::chunk(token + finish + done)}};
    for (int i = 0; i < 100; ++i)
        answer.push_back({.after = 300ms, .bytes = test::chunk(": x\n\n")});
    scripted s{{{.answers = {answer}}, {.answers = {{{.bytes = whole}}}}}};
    const auto r = s.run();
    CHECK(r.ended == outcome::completed);
    CHECK(r.moments.get(moment::end) == 0ns);  // the answer's own end, not the message's
    CHECK(s.ended_at == 1s);
    CHECK_FALSE(s.run().connection_reused);
}

TEST_CASE("exchange: a kept connection that breaks unanswered is tried once more on a new one") {
    for (const kind how : {kind::close, kind::reset}) {
        scripted s{{{.answers = {{{.bytes = whole}}, {{.what = how}}}},
                    {.answers = {{{.after = 5ms, .bytes = whole}}}}}};
        CHECK(s.run().retries == 0);
        const auto r = s.run();
        CHECK(r.ended == outcome::completed);
        CHECK(r.retries == 1);
        CHECK(s.transport.opened == 2);
        CHECK(r.moments.has(moment::connect_start));
    }
}

TEST_CASE("exchange: one that the server closed meanwhile is not used, and nothing is lost") {
    for (const kind how : {kind::close, kind::reset}) {
        scripted s{{{.answers = {{{.bytes = whole}, {.what = how, .after = 2ms}}}},
                    {.answers = {{{.after = 5ms, .bytes = whole}}}}}};
        CHECK(s.run().ended == outcome::completed);
        s.idle(5ms);
        const auto r = s.run();
        CHECK(r.ended == outcome::completed);
        CHECK(r.retries == 0);
        CHECK_FALSE(r.connection_reused);
        CHECK(s.transport.requests.size() == 2);
        CHECK(r.moments.has(moment::connect_start));
    }
}

TEST_CASE("exchange: a new connection that breaks unanswered is a reset, and not tried again") {
    scripted s{{{.answers = {{{.what = kind::close}}}}}};
    const auto r = s.run();
    CHECK(kind_of(r) == "reset");
    CHECK(r.retries == 0);
    CHECK(s.transport.opened == 1);
}

TEST_CASE("exchange: a connection that was refused, and one that hangs") {
    scripted refused{{{.answers = {}, .refuses = failure_kind::connect}}};
    CHECK(kind_of(refused.run()) == "connect");
    scripted dns{{{.answers = {}, .refuses = failure_kind::dns}}};
    CHECK(kind_of(dns.run()) == "dns");
}

TEST_CASE("exchange: abort cuts it wherever it is, and it is censored") {
    for (const auto& answer : std::vector<std::vector<step>>{
             {{.what = kind::silence}},
             {{.bytes = test::stream_head()}, {.what = kind::silence}},
             {{.bytes = test::stream_head() + test::chunk(token)}, {.what = kind::silence}}}) {
        scripted s{{{.answers = {answer}}}};
        const auto r = s.run(7ms);
        CHECK(r.ended == outcome::censored);
        CHECK_FALSE(r.error);
        CHECK(s.ended_at == 7ms);
    }
}

TEST_CASE("exchange: an answer that says why the request was refused") {
    const std::string body = R"({"error":{"message":"Invalid model identifier \"x\"."}})";
    const auto r = run_once({{.bytes = "HTTP/1.1 400 Bad Request\r\nContent-Length: " +
                                       std::to_string(body.size()) + "\r\n\r\n" + body}});
    CHECK(kind_of(r) == "model_not_found");
    CHECK(r.error->http_status == 400);
    CHECK(r.error->message == "Invalid model identifier \"x\".");
}

TEST_CASE("exchange: what the kernel counted is that of the request and not of the connection") {
    scripted s{{{.answers = {{{.bytes = whole}}, {{.bytes = whole}}, {{.what = kind::silence}}},
                 .counts = connection_figures{1ms, 2, 3}}},
               {.headers = 1s}};
    const request_record first = s.run();
    CHECK(first.connection == connection_figures{1ms, 2, 3});
    const request_record second = s.run();
    CHECK(second.connection_reused);
    CHECK(second.connection == connection_figures{2ms, 2, 3});
    // Also of one that was given up, whose connection is closed then.
    const request_record third = s.run();
    CHECK(third.ended == outcome::timed_out);
    CHECK(third.connection == connection_figures{3ms, 2, 3});

    scripted unknown{{{.answers = {{{.bytes = whole}}}}}};
    CHECK_FALSE(unknown.run().connection.has_value());
}

TEST_CASE("exchange: a connection that was asked for again is told from segments that were lost") {
    scripted s{{{.answers = {{{.bytes = whole}}, {{.bytes = whole}}},
                 .counts = connection_figures{1ms, 2, 0},
                 .connects_after = 1010ms,
                 .connect_retransmits = 1}}};
    CHECK(s.run().connection == connection_figures{1ms, 3, 0, 1});
    CHECK(s.run().connection == connection_figures{2ms, 2, 0, 0});
    // One that never came about has counted too.
    scripted never{{{.answers = {},
                     .counts = connection_figures{},
                     .connects_after = 1h,
                     .connect_retransmits = 2}},
                   {.connect = 4s}};
    const request_record r = never.run();
    CHECK(r.ended == outcome::timed_out);
    CHECK(r.connection == connection_figures{0ms, 2, 0, 2});
}
