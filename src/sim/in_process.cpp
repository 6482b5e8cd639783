#include "sim/in_process.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace lmstress::sim {

namespace asio = boost::asio;

in_process_transport::in_process_transport(clock& time, server& s, watcher w)
    : clock_(time), server_(s), watch_(std::move(w)), due_(time, [this] { wake(); }) {}

void in_process_transport::arm() {
    if (const auto next = server_.next_due()) {
        due_.set(*next);
    } else {
        due_.cancel();
    }
}

void in_process_transport::wake() {
    server_.advance(clock_.now());
    arm();
}

class in_process_stream final : public net::byte_stream, session::output {
  public:
    explicit in_process_stream(in_process_transport& from)
        : from_(from),
          session_(std::in_place, from.server_, static_cast<session::output&>(*this)) {}

    asio::awaitable<net::connect_result> connect() override { co_return net::connect_result{}; }

    asio::awaitable<net::error_code> write(std::string_view head, std::string_view body) override {
        if (closed_) co_return asio::error::operation_aborted;
        const std::string request = std::string{head} + std::string{body};
        session_->push(request, from_.clock_.now());
        from_.arm();
        co_return net::error_code{};
    }

    asio::awaitable<net::stamped_bytes> read(std::span<char> buffer) override {
        if (arrived_.empty() && !closed_) {
            arrival_.emplace(from_.clock_);
            const bool never = co_await arrival_->until_interrupted();
            static_cast<void>(never);
            arrival_.reset();
        }
        if (closed_) co_return net::stamped_bytes{.error = asio::error::operation_aborted};
        // What arrived together is read together, as far as the buffer goes.
        net::stamped_bytes read{.at = arrived_.front().at, .source = clock_source::simulated};
        while (!arrived_.empty() && arrived_.front().at == read.at && read.count < buffer.size()) {
            std::string& bytes = arrived_.front().bytes;
            const std::size_t n = std::min(bytes.size(), buffer.size() - read.count);
            std::copy_n(bytes.begin(), n, buffer.begin() + static_cast<std::ptrdiff_t>(read.count));
            read.count += n;
            bytes.erase(0, n);
            if (bytes.empty()) arrived_.pop_front();
        }
        co_return read;
    }

    void close() noexcept override {
        closed_ = true;
        session_.reset();
        if (arrival_) arrival_->interrupt();
    }

  private:
    struct piece {
        std::string bytes;
        instant at;
    };

    void write(std::string_view bytes, const truth* what) override {
        if (what != nullptr && from_.watch_) from_.watch_(*what);
        arrived_.push_back({std::string{bytes}, from_.clock_.now()});
        if (arrival_) arrival_->interrupt();
    }
    void on_request(std::string_view) override {}
    void on_answered() override {}

    in_process_transport& from_;
    std::optional<session> session_;
    std::deque<piece> arrived_;
    std::optional<net::sleeper> arrival_;
    bool closed_ = false;
};

std::unique_ptr<net::byte_stream> in_process_transport::open() {
    return std::make_unique<in_process_stream>(*this);
}

}  // namespace lmstress::sim
