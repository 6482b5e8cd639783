#include "cli/hide_arguments.hpp"
#include "cli/options.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

namespace {

struct execute {
    int operator()(const lmstress::cli::run_options& o) const { return lmstress::cli::run(o); }
    int operator()(const lmstress::cli::sim_options& o) const { return lmstress::cli::simulate(o); }
    int operator()(const lmstress::cli::report_options& o) const {
        return lmstress::cli::report(o);
    }
    int operator()(const lmstress::cli::merge_options& o) const { return lmstress::cli::merge(o); }
    int operator()(const lmstress::cli::compare_options& o) const {
        return lmstress::cli::compare(o);
    }
    int operator()(const lmstress::cli::selfcheck_options& o) const {
        return lmstress::cli::selfcheck(o);
    }
    int operator()(const lmstress::cli::sweep_options& o) const { return lmstress::cli::sweep(o); }
    int operator()(const lmstress::cli::capacity_options& o) const {
        return lmstress::cli::capacity(o);
    }
    int operator()(const lmstress::cli::models_options& o) const {
        return lmstress::cli::models(o);
    }
    int operator()(const lmstress::cli::config_options& o) const {
        return lmstress::cli::show_settings(o);
    }
    int operator()(const lmstress::cli::probe_options& o) const { return lmstress::cli::probe(o); }
    int operator()(const lmstress::cli::history_options& o) const {
        return lmstress::cli::history(o);
    }
    int operator()(const lmstress::cli::serve_options& o) const { return lmstress::cli::serve(o); }
    int operator()(const lmstress::cli::generated_text& t) const {
        const auto said = lmstress::cli::say(t.text);
        return said ? 0 : lmstress::cli::complain(said.error());
    }
    int operator()(const lmstress::cli::done& d) const { return d.exit_code; }
};

}  // namespace

int main(int argc, char** argv) {
    // A closed standard descriptor would be taken by the next file that is opened.
    for (int fd = ::open("/dev/null", O_RDWR); fd >= 0; fd = ::open("/dev/null", O_RDWR)) {
        if (fd <= STDERR_FILENO) continue;
        ::close(fd);
        break;
    }
    // A reader that goes away (| head) is an error of the write, not the end of the run.
    std::signal(SIGPIPE, SIG_IGN);
    // And so is a file that may not grow any further (ulimit -f).
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        const auto command = lmstress::cli::parse_command_line(argc, argv);
        lmstress::cli::hide_arguments({argv, static_cast<std::size_t>(argc)});
        return std::visit(execute{}, command);
    } catch (const std::exception& e) {
        return lmstress::cli::complain(
            {lmstress::errc::internal, std::string{"an error of the program itself: "} + e.what()});
    }
}
