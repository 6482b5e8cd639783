#include "cli/dry_run.hpp"
#include "cli/options.hpp"
#include "cli/own_server.hpp"
#include "cli/recorded_run.hpp"
#include "cli/settings.hpp"
#include "net/platform.hpp"
#include "net/real_clock.hpp"

namespace lmstress::cli {

namespace asio = boost::asio;

int run(const run_options& options) {
    auto effective = settings_of_process(options);
    if (!effective) return complain(effective.error());
    scenario& s = effective->values;
    auto material = load_material(s);
    if (!material) return complain(material.error());
    const auto server_words = place_own_server(s, names_url(*effective));
    if (!server_words) return complain(server_words.error());
    if (options.dry_run) {
        return dry_run(s, material->prompts, material->conversations, material->images,
                       make_run_id(s.workload), *server_words);
    }
    const auto place = check_place(s);
    if (!place) return complain(place.error());

    net::platform::begin_receive_times();
    asio::io_context context{1};
    net::real_clock time{context};
    server_session session{context, time};
    const auto opened = session.open(s, {.command = *server_words,
                                         .needs = material->needs(s.workload),
                                         .load = options.load,
                                         .quiet = options.quiet});
    if (!opened) return complain(opened.error());
    const run_end ended = record_run(session, s, *material, {.quiet = options.quiet});
    session.close(s, options.unload_after, ended.directory, options.quiet);
    return ended.exit_code;
}

}  // namespace lmstress::cli
