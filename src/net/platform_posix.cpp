// What every POSIX system has.

#include "net/platform.hpp"

#include <sys/resource.h>
#include <sys/time.h>

#include <algorithm>

namespace lmstress::net::platform {

std::uint64_t raise_file_limit(std::uint64_t wanted) noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (limit.rlim_cur < wanted) {
        rlimit raised = limit;
        raised.rlim_cur = limit.rlim_max == RLIM_INFINITY
                              ? static_cast<rlim_t>(wanted)
                              : std::min<rlim_t>(static_cast<rlim_t>(wanted), limit.rlim_max);
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return limit.rlim_cur;
}

process_figures process_now() noexcept {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
        return nanoseconds{std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec}};
    };
#ifdef __APPLE__
    constexpr std::uint64_t unit = 1;  // bytes there, kibibytes elsewhere
#else
    constexpr std::uint64_t unit = 1024;
#endif
    return {.cpu = of(usage.ru_utime) + of(usage.ru_stime),
            .max_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * unit};
}

}  // namespace lmstress::net::platform
