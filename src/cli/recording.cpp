#include "cli/recording.hpp"

#include <fmt/format.h>

namespace lmstress::cli {

void recording::on_level_begin(const level_setup& setup, const level_course& planned) {
    journal_.level_begin(setup, planned);
    folds_.clear();
    folds_.emplace_back(setup);
    view_.announce(fmt::format("level {}: {} stream{} ...", setup.index + 1, setup.concurrency,
                               setup.concurrency == 1 ? "" : "s"));
}

void recording::on_record(const request_record& record) {
    journal_.request(record);
    folds_.back().add(record);
    if (requests_++ == 0) first_ = record;
}

void recording::on_level_end(const level_setup& setup, const level_course& course) {
    journal_.level_end(setup, course);
    summary_.levels.push_back(folds_.back().result(course));
}

}  // namespace lmstress::cli
