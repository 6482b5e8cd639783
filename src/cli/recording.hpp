#pragma once

#include "cli/live_view.hpp"
#include "load/observer.hpp"
#include "measure/level_fold.hpp"
#include "store/journal.hpp"

#include <vector>

namespace lmstress::cli {

/// What a run brings forth goes two ways: into the journal on disk, and into the measuring.
class recording final : public load::observer {
  public:
    /// All of them outlive this.
    recording(store::journal& journal, run_summary& summary, live_view& view)
        : journal_(journal), summary_(summary), view_(view) {}

    /// The request of a run that had a single one; null otherwise.
    [[nodiscard]] const request_record* only_request() const noexcept {
        return requests_ == 1 ? &first_ : nullptr;
    }

    /// What the server said of itself.
    void on_state(const server_state& s) {
        journal_.state(s);
        summary_.server_states.push_back(s);
    }

  private:
    void on_level_begin(std::span<const level_setup> lanes, const level_course& planned) override;
    void on_record(const request_record& record) override;
    void on_level_end(std::span<const level_setup> lanes,
                      std::span<const level_course> courses) override;

    store::journal& journal_;
    run_summary& summary_;
    live_view& view_;
    request_record first_;
    std::uint64_t requests_ = 0;
    std::uint32_t levels_ = 0;
    std::vector<measure::level_fold> folds_;  // of the level under way: one for each API
    std::uint32_t first_index_ = 0;           // of the first of them
};

}  // namespace lmstress::cli
