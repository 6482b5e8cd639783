#include "report/interval_json.hpp"

namespace lmstress::report {

void write_interval(wire::json_writer& w, std::string_view name, const std::optional<interval>& i) {
    w.key(name);
    if (!i) {
        w.null();
        return;
    }
    w.begin_array().value(i->low).value(i->high).end_array();
}

}  // namespace lmstress::report
