#include "support/stall_watch.hpp"

#include <algorithm>
#include <pthread.h>
#include <sched.h>

namespace lmstress::test {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

struct stall_watch::core {
    explicit core(int number)
        : number_(number), sleeper_([this](const std::stop_token& stop) { watch(stop); }) {}

    void watch(const std::stop_token& stop) {
        cpu_set_t here;
        CPU_ZERO(&here);
        CPU_SET(static_cast<std::size_t>(number_), &here);
        pthread_setaffinity_np(pthread_self(), sizeof here, &here);
        while (!stop.stop_requested()) {
            const auto due = steady_clock::now() + 2ms;
            std::this_thread::sleep_until(due);
            const auto late = steady_clock::now() - due;
            if (late > 8ms) stood_still_ += late;
        }
    }

    int number_;
    steady_clock::duration stood_still_{0};
    std::jthread sleeper_;  // last: it ends before what it uses
};

stall_watch::stall_watch() {
    cpu_set_t mine;
    CPU_ZERO(&mine);
    sched_getaffinity(0, sizeof mine, &mine);
    for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(static_cast<std::size_t>(i), &mine))
            cores_.push_back(std::make_unique<core>(i));
    }
}

stall_watch::~stall_watch() = default;

std::chrono::milliseconds stall_watch::ended() {
    steady_clock::duration most{0};
    for (const auto& c : cores_) {
        c->sleeper_.request_stop();
        c->sleeper_.join();
        most = std::max(most, c->stood_still_);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(most);
}

}  // namespace lmstress::test
