// What a browser, or whoever is not one, sends to the dashboard; and the lines of a run that goes
// on: whatever they are, the checks hold.

#include "dashboard/job_log.hpp"
#include "dashboard/request_checks.hpp"
#include "fuzz/fuzz.hpp"

#include <memory>

namespace fuzz {
namespace {

using namespace lmstress;

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void read_target(std::string_view input) {
    dashboard::http_request r;
    if (!dashboard::read_target(input, r)) return;
    require(r.path.starts_with('/') && !has_control(r.path));
    for (const auto& [name, value] : r.query) {
        require(!has_control(name) && !has_control(value));
        require(!r.parameter(name).empty() || r.parameter(name) == "");
    }
}

/// A name that this machine alone has takes nothing but an address, or localhost.
void check_request(std::string_view input) {
    const std::size_t half = choice(input) * input.size() / 256;
    const dashboard::access_rules rules{.access_token = {}, .page_token = "0123456789abcdef"};
    dashboard::http_request r{.method = "POST", .path = "/"};
    r.host = input.substr(0, half);
    r.origin = input.substr(half);
    r.content_type = "application/json";
    if (dashboard::is_safe_host(r.host, false)) require(dashboard::is_safe_host(r.host, true));
    require(dashboard::refused(r, rules).has_value());  // the token of the page is not there
    r.page_token = rules.page_token;
    if (!dashboard::refused(r, rules)) require(r.origin == "http://" + r.host);
    require(!dashboard::authorized(input, "0123456789abcdef") ||
            input.size() > rules.page_token.size());
}

void follow(std::string_view input) {
    const auto log = std::make_shared<dashboard::job_log>(dashboard::job_log::about{});
    const auto reader = log->follow(0);
    while (!input.empty()) {
        const std::size_t end = std::min(input.find('\n'), input.size());
        log->progress(input.substr(0, end));
        log->message(input.substr(0, end));
        input.remove_prefix(std::min(end + 1, input.size()));
    }
    log->end(0, 0);
    std::string all;
    while (!reader->ended()) all += reader->take();
    // What somebody wrote is within the data of an event, and begins none.
    require(all.ends_with("\n\n") && all.find("\n\n\n") == std::string::npos);
    require(all.find('\r') == std::string::npos);
}

}  // namespace

void take(std::string_view input) {
    switch (choice(input) % 3) {
        case 0:
            return read_target(input);
        case 1:
            return check_request(input);
        default:
            return follow(input);
    }
}

}  // namespace fuzz
