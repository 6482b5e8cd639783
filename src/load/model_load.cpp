#include "load/model_load.hpp"

namespace lmstress::load {

boost::asio::awaitable<request_record> model_load::go() {
    request_record record;
    record.index = run_.next_index++;
    record.request_id = request_id(run_, record.index);
    record.phase = run_phase::warmup;
    const lane& on = run_.lanes.front();
    record.inputs = inputs_of(run_, on);
    workload::script says = script_of(run_, 0, 0);
    says.turns.resize(1);
    const outgoing request = make_request(run_, on, {std::move(says), on.history}, record.index);
    measure::recorder recorder{record,
                               {.run_start = run_.run_start,
                                .measured = &nothing_measured_,
                                .asked_model = run_.model,
                                .keep_event_times = run_.settings.output.events,
                                .hidden = &run_.hidden,
                                .live = &run_.live}};
    recorder.set(moment::intended, run_.time.now());
    co_await exchange_.run(request, recorder);
    note_end(run_, record);
    co_return record;
}

}  // namespace lmstress::load
