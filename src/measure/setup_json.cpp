#include "measure/setup_json.hpp"

namespace lmstress::measure {
namespace {

template <class T>
void write_setting(wire::json_writer& w, std::string_view key, const server_setting<T>& s) {
    w.key(key).begin_object().field("requested", s.requested).field("confirmed", s.confirmed);
    w.field("source", s.source.empty() ? std::nullopt : std::optional{s.source}).end_object();
}

}  // namespace

void write(wire::json_writer& w, const server_settings& s) {
    w.begin_object();
    write_setting(w, "parallel", s.parallel);
    write_setting(w, "unified_kv", s.unified_kv);
    write_setting(w, "context_length", s.context_length);
    w.field("quantization", s.quantization.empty() ? std::nullopt : std::optional{s.quantization});
    w.field("loaded_instances", s.loaded_instances);
    w.end_object();
}

}  // namespace lmstress::measure
