#include "support/scripted_transport.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstdio>

namespace test {

namespace asio = boost::asio;
using namespace lmstress;

class scripted_stream final : public net::byte_stream {
  public:
    scripted_stream(scripted_transport& from, scripted_connection script)
        : from_(from), script_(std::move(script)), sleeper_(from.clock_) {}

    asio::awaitable<net::connect_result> connect() override {
        net::connect_result made;
        if (script_.connects_after > nanoseconds{0}) {
            const instant then = from_.clock_.now() + script_.connects_after;
            const bool due = co_await sleeper_.until(then);
            if (!due) co_return net::connect_result{failure_kind::connect, "closed"};
        }
        made.failed = script_.refuses;
        made.message = "refused by the script";
        co_return made;
    }

    asio::awaitable<net::error_code> write(std::string_view head, std::string_view body) override {
        from_.requests.push_back(std::string{head} + std::string{body});
        steps_.clear();
        if (next_answer_ < script_.answers.size()) {
            const auto& answer = script_.answers[next_answer_++];
            steps_.assign(answer.begin(), answer.end());
        }
        at_ = from_.clock_.now();
        co_return net::error_code{};
    }

    asio::awaitable<net::stamped_bytes> read(std::span<char> buffer) override {
        if (steps_.empty()) steps_.push_back({.what = step::kind::silence});
        step& now = steps_.front();
        at_ += now.after;
        now.after = nanoseconds{0};
        const bool silence = now.what == step::kind::silence;
        const bool due = co_await sleeper_.until(silence ? instant::max() : at_);
        net::stamped_bytes read{.at = at_, .source = clock_source::simulated};
        if (!due) {
            read.error = asio::error::operation_aborted;
        } else if (now.what == step::kind::reset) {
            read.error = asio::error::connection_reset;
        } else if (now.what == step::kind::send) {
            read.count = std::min(now.bytes.size(), buffer.size());
            std::copy_n(now.bytes.begin(), read.count, buffer.begin());
            now.bytes.erase(0, read.count);
            if (now.bytes.empty()) steps_.pop_front();
        }
        co_return read;
    }

    std::optional<connection_figures> counted() noexcept override {
        if (!script_.counts || closed_) return std::nullopt;
        const auto times = static_cast<std::uint32_t>(next_answer_);
        return connection_figures{
            .round_trip = script_.counts->round_trip * times,
            .retransmits = script_.counts->retransmits * times + script_.connect_retransmits,
            .out_of_order = script_.counts->out_of_order * times};
    }

    bool closed_by_peer() noexcept override {
        if (steps_.empty()) return false;
        const step& next = steps_.front();
        const bool ends = next.what == step::kind::close || next.what == step::kind::reset;
        return ends && at_ + next.after <= from_.clock_.now();
    }

    void close() noexcept override {
        closed_ = true;
        sleeper_.interrupt();
    }

  private:
    scripted_transport& from_;
    scripted_connection script_;
    net::sleeper sleeper_;
    std::deque<step> steps_;
    std::size_t next_answer_ = 0;
    bool closed_ = false;
    instant at_{};
};

std::unique_ptr<net::byte_stream> scripted_transport::open() {
    ++opened;
    scripted_connection script{.answers = {}, .refuses = failure_kind::connect};
    if (!connections_.empty()) {
        script = connections_.front();
        connections_.pop_front();
    }
    return std::make_unique<scripted_stream>(*this, std::move(script));
}

std::string stream_head() {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
           "chunked\r\n\r\n";
}

std::string chunk(const std::string& body) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    return size + body + "\r\n";
}

}  // namespace test
