#include "support/disturbance.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <filesystem>
#include <functional>
#include <sched.h>
#include <stdexcept>
#include <string>

namespace test {

stopper::stopper(pid_t process, std::chrono::milliseconds every, std::chrono::milliseconds held)
    : thread_([=](const std::stop_token& stop) {
          boost::asio::io_context context;
          boost::asio::steady_timer timer{context};
          const std::stop_callback ended{stop, [&] { context.stop(); }};
          bool is_held = false;
          std::function<void()> turn = [&] {
              is_held = !is_held;
              kill(process, is_held ? SIGSTOP : SIGCONT);
              timer.expires_after(is_held ? held : every - held);
              timer.async_wait([&](const boost::system::error_code&) { turn(); });
          };
          turn();
          context.run();
          kill(process, SIGCONT);
      }) {}

busy_process::busy_process(int core) : process_({"/bin/sh", "-c", "echo on; while :; do :; done"}) {
    process_.wait_for_output("on");
    pin(process_.id(), core);
}

void pin(pid_t process, int core) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(core), &only);
    for (const auto& thread :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(process) + "/task"}) {
        if (sched_setaffinity(std::stoi(thread.path().filename()), sizeof only, &only) != 0) {
            throw std::runtime_error{"cannot pin process " + std::to_string(process)};
        }
    }
}

}  // namespace test
