#include "cli/recording.hpp"

#include "report/level_name.hpp"

#include <fmt/format.h>

namespace lmstress::cli {

void recording::on_level_begin(std::span<const level_setup> lanes, const level_course& planned) {
    folds_.clear();
    first_index_ = lanes.front().index;
    std::string apis;
    for (const level_setup& setup : lanes) {
        journal_.level_begin(setup, planned);
        folds_.emplace_back(setup);
        apis += (apis.empty() ? " over " : ", ") + setup.target.api;
    }
    view_.announce(fmt::format("level {}: {}{} ...", ++levels_, report::level_name(lanes.front()),
                               lanes.size() > 1 ? apis : ""));
}

void recording::on_record(const request_record& record) {
    journal_.request(record);
    folds_.at(record.level - first_index_).add(record);
    if (requests_++ == 0) first_ = record;
}

void recording::on_level_end(std::span<const level_setup> lanes,
                             std::span<const level_course> courses) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        journal_.level_end(lanes[i], courses[i]);
        summary_.levels.push_back(folds_[i].result(courses[i]));
    }
}

}  // namespace lmstress::cli
