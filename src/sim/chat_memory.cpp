#include "sim/chat_memory.hpp"

#include <fmt/format.h>

#include <functional>

namespace lmstress::sim {
namespace {

/// Chats whose beginning the cache holds: more than any server has, and a bound all the same.
constexpr std::size_t most_cached = 100'000;
/// What Gemma 3 makes of any image is 256 tokens; the built-in server's have four characters each.
constexpr std::size_t characters_of_image = std::size_t{256} * 4;

}  // namespace

void transcript::say(std::string_view role, std::string_view text) {
    std::string all = std::to_string(fingerprint);
    all.append(1, ' ').append(role).append(1, ' ').append(text);
    fingerprint = std::hash<std::string>{}(all);
    characters += text.size();
}

void transcript::show(std::string_view image) {
    say("image", image);
    characters += characters_of_image;
    characters -= image.size();
}

std::optional<transcript> chat_memory::find(const std::string& id) const {
    const auto found = stored_.find(id);
    return found == stored_.end() ? std::nullopt : std::optional{found->second};
}

std::string chat_memory::next_id() {
    return fmt::format("resp_{:0>48x}", next_++);
}

void chat_memory::cache(const transcript& t) {
    if (!cached_.emplace(t.fingerprint, t.conversation).second) return;
    oldest_first_.push_back(t.fingerprint);
    if (oldest_first_.size() <= most_cached) return;
    cached_.erase(oldest_first_.front());
    oldest_first_.pop_front();
}

}  // namespace lmstress::sim
