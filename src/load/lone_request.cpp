#include "load/lone_request.hpp"

#include "workload/calibration.hpp"

#include <utility>

namespace lmstress::load {

boost::asio::awaitable<request_record> lone_request::go(std::uint32_t on, workload::script says) {
    request_record record;
    record.index = run_.next_index++;
    record.request_id = request_id(run_, record.index);
    record.level = on;
    record.phase = run_phase::warmup;
    const lane& way = run_.lanes[on];
    says.turns.resize(1);
    record.inputs = inputs_of(run_, way);
    const outgoing request = make_request(run_, way, {std::move(says), way.history}, record.index);
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

boost::asio::awaitable<std::vector<request_record>> calibrate(run_context& run, lone_request& by,
                                                              const std::function<bool()>& go_on) {
    std::vector<request_record> records;
    const workload_settings& w = run.settings.workload;
    const bool made_up = run.conversations == nullptr && run.prompts.asked_tokens(0).has_value();
    if (!made_up || !w.calibrate) co_return records;
    for (std::uint32_t on = 0; on < run.lanes.size(); ++on) {
        std::vector<workload::counted_words> counts;
        std::uint64_t i = 0;
        for (const std::uint64_t words : workload::words_to_count(w)) {
            if (!go_on()) co_return records;
            workload::script says = workload::script_to_count(w, run.run_id, i++, words);
            request_record r = co_await by.go(on, std::move(says));
            if (r.ended == outcome::completed && r.input_tokens) {
                counts.push_back({words * w.inputs_each, *r.input_tokens});
            }
            const bool went_well = r.ended == outcome::completed;
            records.push_back(std::move(r));
            if (!went_well) break;
        }
        run.lanes[on].calibration = workload::calibrated(counts);
    }
    co_return records;
}

}  // namespace lmstress::load
