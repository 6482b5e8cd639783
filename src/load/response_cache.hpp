#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/request_record.hpp"
#include "load/first_failure.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace lmstress::load {

/// Requests that a server has answered, so that the same one need not be sent again: for rehearsals
/// of a scenario. The same is: of the same API, with the same body to the byte.
class response_cache {
  public:
    /// How long the server took for that request, from send to end; nothing where it has not
    /// answered it. Whoever answers from here takes as long, so that a rehearsal goes at the pace
    /// of the server and a level that ends by its duration is no endless loop.
    [[nodiscard]] std::optional<nanoseconds> find(const outgoing& request) const;
    /// Keeps a request that has ended, where it was completed. Once there are many, no more are
    /// kept: bodies that are all different would fill the memory and never be found.
    void keep(const outgoing& request, const request_record& ended);

  private:
    static constexpr std::size_t most = 10'000;

    std::map<std::pair<const api::api*, std::string>, nanoseconds> took_;
};

}  // namespace lmstress::load
