#pragma once

#include "api/api.hpp"
#include "lmstress/request_record.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace lmstress::load {

/// The bytes of a request, and the API that its answer is read by.
struct outgoing {
    const api::api* api = nullptr;
    std::string head;
    std::string body;
    /// On a WebSocket, where `head` is the request for it: what a new connection says first, the
    /// number of the message that the body becomes, and by what it is masked.
    std::string greeting = {};
    std::uint64_t number = 0;
    std::uint32_t mask = 0;
};

/// What was said in a run's first failed exchange: most often the shortest way to its cause.
class first_failure {
  public:
    struct kept {
        request_record record;
        outgoing request;
        std::string answer;  ///< as it came, its beginning
    };

    /// Appends to `heard`, which holds the beginning of one answer, as long as it may be wanted.
    void hear(std::span<const char> bytes, std::string& heard) {
        const std::size_t limit = in_all_ < most_in_all ? most : least;
        if (kept_ || heard.size() >= limit) return;
        const std::size_t n = std::min(bytes.size(), limit - heard.size());
        heard.append(bytes.data(), n);
        in_all_ += n;
    }
    /// Another answer begins in its place.
    void forget(std::string& heard) {
        in_all_ -= heard.size();
        heard.clear();
    }
    /// A request has ended.
    void take(const request_record& record, const outgoing& request, const std::string& heard) {
        const bool bad = record.ended == outcome::failed || record.ended == outcome::timed_out;
        if (bad && !kept_) kept_ = kept{record, request, heard};
    }
    [[nodiscard]] const std::optional<kept>& what() const noexcept { return kept_; }

  private:
    static constexpr std::size_t most = 8192;   // a head, and 4 KB of body
    static constexpr std::size_t least = 1024;  // of each answer, however many are under way
    static constexpr std::size_t most_in_all = 16UL * 1024 * 1024;

    std::size_t in_all_ = 0;  // of the answers under way
    std::optional<kept> kept_;
};

}  // namespace lmstress::load
