#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace lmstress::sim {

/// What was said in a chat up to some point, without its text.
struct transcript {
    std::size_t fingerprint = 0;
    std::size_t characters = 0;
    std::uint64_t turn = 0;         ///< answers in it, the one that is asked for included
    std::string conversation = {};  ///< the request id of its first turn

    void say(std::string_view role, std::string_view text);
    /// An image counts as so many characters as its tokens would have.
    void show(std::string_view image);
};

/// The chats that the server remembers: by id those that it was asked to store, and of all of them
/// that their beginning is still in the cache.
class chat_memory {
  public:
    /// Nothing where the id is not known.
    [[nodiscard]] std::optional<transcript> find(const std::string& id) const;
    /// An id for an answer to come: resp_ and 48 digits, one after another, so that virtual time
    /// repeats to the byte.
    [[nodiscard]] std::string next_id();
    void store(const std::string& id, const transcript& t) { stored_[id] = t; }

    /// A chat that ended with an answer: what begins with it finds it in the cache.
    void cache(const transcript& t);
    [[nodiscard]] bool is_cached(const transcript& t) const {
        return cached_.contains(t.fingerprint);
    }
    /// Of a chat that is cached: which conversation it belongs to.
    [[nodiscard]] const std::string& conversation_of(const transcript& t) const {
        return cached_.at(t.fingerprint);
    }

  private:
    std::map<std::string, transcript> stored_;
    std::unordered_map<std::size_t, std::string> cached_;  // with its conversation
    std::deque<std::size_t> oldest_first_;
    std::uint64_t next_ = 1;
};

}  // namespace lmstress::sim
