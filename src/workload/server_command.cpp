#include "workload/server_command.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace lmstress::workload {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// One word of a command, from where the last one ended.
class word_reader {
  public:
    explicit word_reader(std::string_view text) : rest_(text) {}

    /// Nothing at the end of the text.
    std::optional<std::string> next() {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
        if (rest_.empty()) return std::nullopt;
        word_.clear();
        while (!rest_.empty() && !is_blank(rest_.front())) {
            const char c = take();
            if (c == '\'' || c == '"') {
                quoted(c);
            } else {
                word_ += c == '\\' && !rest_.empty() ? take() : c;
            }
        }
        return word_;
    }
    [[nodiscard]] bool open_quote() const { return open_; }

  private:
    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    void quoted(char end) {
        constexpr std::string_view escapable = "\"\\$`";
        while (!rest_.empty() && rest_.front() != end) {
            const char c = take();
            const bool escape = c == '\\' && end == '"' && !rest_.empty() &&
                                escapable.find(rest_.front()) != std::string_view::npos;
            word_ += escape ? take() : c;
        }
        open_ = rest_.empty();
        if (!open_) take();
    }

    std::string_view rest_;
    std::string word_;
    bool open_ = false;
};

error no_value(std::string_view name, std::string_view flag) {
    return {
        errc::usage,
        "--server-command has {" + std::string{name} + "}, and no " + std::string{flag} +
            " says what to put there",
        "Give " + std::string{flag} + ", or take {" + std::string{name} + "} out of the command."};
}

result<std::string> value_of(std::string_view name, const server_wishes& wishes,
                             std::string_view port) {
    if (name == "port") return std::string{port};
    if (name == "kv_flag") {
        if (!wishes.unified_kv) return std::string{};
        return std::string{*wishes.unified_kv ? "--kv-unified" : "--no-kv-unified"};
    }
    if (name == "parallel") {
        if (!wishes.parallel) return no_value(name, "--n-parallel");
        return std::to_string(*wishes.parallel);
    }
    if (name == "context_length") {
        if (!wishes.context_length) return no_value(name, "--context-length");
        return std::to_string(*wishes.context_length);
    }
    return error{errc::usage,
                 "--server-command has {" + std::string{name} + "}, which is no placeholder",
                 "Those are {parallel}, {kv_flag}, {context_length} and {port}."};
}

/// A name in braces that begins at `at`: JSON in braces is not meant.
std::string_view placeholder_at(std::string_view word, std::size_t at) {
    const std::size_t end = word.find('}', at);
    if (end == std::string_view::npos) return {};
    const std::string_view name = word.substr(at + 1, end - at - 1);
    const auto in_name = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    return std::all_of(name.begin(), name.end(), in_name) ? name : std::string_view{};
}

result<std::string> filled_word(std::string_view word, const server_wishes& wishes,
                                std::string_view port) {
    std::string out;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const std::string_view name = word[i] == '{' ? placeholder_at(word, i) : "";
        if (name.empty()) {
            out += word[i];
            continue;
        }
        const auto value = value_of(name, wishes, port);
        if (!value) return value;
        out += *value;
        i += name.size() + 1;
    }
    return out;
}

/// Calls `with` for each word's part that follows a flag whose name speaks of a secret.
template <class With>
void each_secret(std::vector<std::string>& words, With with) {
    constexpr std::array names = {"key", "token", "secret", "password"};
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string& word = words[i];
        if (!word.starts_with('-')) continue;
        const std::size_t sign = word.find('=');
        const std::string flag = word.substr(0, sign);
        const bool secret = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
            return flag.ends_with(name) && flag.size() > name.size();
        });
        if (!secret || flag.ends_with("per-token")) continue;
        if (sign != std::string::npos) {
            word = flag + '=' + with(word.substr(sign + 1));
        } else if (i + 1 < words.size() && !words[i + 1].starts_with('-')) {
            words[i + 1] = with(words[i + 1]);
        }
    }
}

std::string quoted(const std::string& word) {
    constexpr std::string_view plain = "-_./:=,+@%{}";
    const bool as_it_is = !word.empty() && std::all_of(word.begin(), word.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               plain.find(c) != std::string_view::npos;
    });
    if (as_it_is) return word;
    std::string out{'\''};
    for (const char c : word) out += c == '\'' ? "'\\''" : std::string{c};
    return out + '\'';
}

}  // namespace

result<std::vector<std::string>> words_of_command(std::string_view text) {
    word_reader reader{text};
    std::vector<std::string> words;
    while (auto word = reader.next()) words.push_back(*std::move(word));
    if (!reader.open_quote()) return words;
    return error{errc::usage, "--server-command has a quote that is not closed"};
}

bool is_command(std::string_view text) {
    const auto words = words_of_command(text);
    return words && !words->empty() && !words->front().empty();
}

result<std::vector<std::string>> filled_in(const std::vector<std::string>& words,
                                           const server_wishes& wishes, std::string_view port) {
    std::vector<std::string> out;
    for (const std::string& word : words) {
        auto filled = filled_word(word, wishes, port);
        if (!filled) return filled.error();
        const bool nothing = filled->empty() && word == "{kv_flag}";
        if (!nothing) out.push_back(*std::move(filled));
    }
    return out;
}

bool has_placeholder(const std::vector<std::string>& words, std::string_view name) {
    const std::string wanted = '{' + std::string{name} + '}';
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
        return word.find(wanted) != std::string::npos;
    });
}

std::string shown_words(std::vector<std::string> words) {
    constexpr const char* hidden = "***";
    each_secret(words, [](const std::string&) { return hidden; });
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : " ") + (word.ends_with(hidden) ? word : quoted(word));
    }
    return out;
}

std::string typed_words(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + quoted(word);
    return out;
}

std::string shown_command(std::string_view text) {
    const auto words = words_of_command(text);
    return words ? shown_words(*words) : std::string{};
}

std::vector<std::string> secrets_in_command(std::string_view text) {
    auto words = words_of_command(text);
    std::vector<std::string> found;
    if (!words) return found;
    each_secret(*words, [&](const std::string& word) {
        found.push_back(word);
        return word;
    });
    return found;
}

}  // namespace lmstress::workload
