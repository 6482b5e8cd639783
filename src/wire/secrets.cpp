#include "wire/secrets.hpp"

#include "wire/json_value.hpp"
#include "wire/letters.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace lmstress::wire {

namespace json = boost::json;

namespace {

constexpr std::size_t least = 6;
/// A server may show the beginning of the token that it refuses (LM Studio: ten characters of it).
constexpr std::size_t telling = 8;
constexpr std::string_view shown = "***";

/// A name under which people keep what nobody else should read.
bool is_secret(std::string_view name) {
    constexpr std::array parts = {std::string_view{"authorization"}, std::string_view{"api_key"},
                                  std::string_view{"api-key"},       std::string_view{"apikey"},
                                  std::string_view{"password"},      std::string_view{"secret"},
                                  std::string_view{"access_token"},  std::string_view{"auth_token"},
                                  std::string_view{"api_token"}};
    if (same_letters(name, "headers") || same_letters(name, "token")) return true;
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return contains_letters(name, part); });
}

/// A name under which a URL stands: server_url of an MCP server, url of an image.
bool names_url(std::string_view name) {
    constexpr std::string_view end = "url";
    return name.size() >= end.size() && same_letters(name.substr(name.size() - end.size()), end);
}

/// The path of an MCP server is often its key; not so of an image.
bool has_private_path(std::string_view name) {
    return same_letters(name, "server_url");
}

/// What paths of MCP servers are made of beside a key. To hide these wherever they stand would hide
/// nothing and spoil much.
bool is_common(std::string_view part) {
    constexpr std::array words = {
        std::string_view{"accounts"}, std::string_view{"agents"},
        std::string_view{"connect"},  std::string_view{"events"},
        std::string_view{"gateway"},  std::string_view{"message"},
        std::string_view{"messages"}, std::string_view{"projects"},
        std::string_view{"public"},   std::string_view{"remote"},
        std::string_view{"server"},   std::string_view{"servers"},
        std::string_view{"stream"},   std::string_view{"streamable"},
        std::string_view{"streams"},  std::string_view{"streamable-http"}};
    return std::find(words.begin(), words.end(), part) != words.end();
}

/// The parts of a path that may be a key.
std::vector<std::string_view> keys_in_path(std::string_view path) {
    std::vector<std::string_view> keys;
    while (!path.empty()) {
        const std::string_view part = path.substr(0, path.find('/'));
        if (part.size() >= least && !is_common(part)) keys.push_back(part);
        path.remove_prefix(std::min(part.size() + 1, path.size()));
    }
    return keys;
}

/// Where in a URL a key may be, which is there in place of a header: offsets of the user's name and
/// password, of the path, and of all behind it. Each may be empty.
struct private_parts {
    std::size_t user = 0;
    std::size_t user_size = 0;
    std::size_t path = 0;
    std::size_t path_size = 0;
    std::size_t query = std::string_view::npos;
};

private_parts private_parts_of(std::string_view url) {
    private_parts parts;
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return parts;
    parts.user = scheme + 3;
    const std::size_t authority = std::min(url.find_first_of("/?#", parts.user), url.size());
    const std::size_t at = url.substr(0, authority).rfind('@');
    if (at != std::string_view::npos && at >= parts.user) parts.user_size = at - parts.user;
    const std::size_t query = url.find_first_of("?#", parts.user);
    if (authority < url.size() && url[authority] == '/') {
        parts.path = authority + 1;
        parts.path_size = std::min(query, url.size()) - parts.path;
    }
    if (query != std::string_view::npos && query + 1 < url.size()) parts.query = query + 1;
    return parts;
}

void hide_parts_of_url(json::string& text, bool path_is_private) {
    std::string url{std::string_view{text}};
    const private_parts parts = private_parts_of(url);
    if (parts.query != std::string_view::npos) url.replace(parts.query, std::string::npos, shown);
    const std::string path = url.substr(parts.path, parts.path_size);
    if (path_is_private && !keys_in_path(path).empty()) {
        url.replace(parts.path, parts.path_size, shown);
    }
    if (parts.user_size > 0) url.replace(parts.user, parts.user_size, shown);
    text = url;
}

void hide_all_texts(json::value& v) {
    if (v.is_string()) v = json::string{shown};
    if (v.is_array()) {
        for (json::value& item : v.get_array()) hide_all_texts(item);
    }
    if (v.is_object()) {
        for (auto& member : v.get_object()) hide_all_texts(member.value());
    }
}

void hide_secrets(json::value& v) {
    if (v.is_array()) {
        for (json::value& item : v.get_array()) hide_secrets(item);
    }
    if (!v.is_object()) return;
    for (auto& member : v.get_object()) {
        if (is_secret(member.key())) {
            hide_all_texts(member.value());
        } else if (names_url(member.key()) && member.value().is_string()) {
            hide_parts_of_url(member.value().get_string(), has_private_path(member.key()));
        } else {
            hide_secrets(member.value());
        }
    }
}

}  // namespace

void secrets::add(std::string_view text) {
    const auto keep = [&](std::string_view one) {
        if (one.size() < least) return;
        const auto longer = [&](const std::string& there) { return there.size() < one.size(); };
        texts_.emplace(std::find_if(texts_.begin(), texts_.end(), longer), one);
    };
    keep(text);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        keep(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void secrets::add_all_texts_of(const json::value& v) {
    if (v.is_string()) add(std::string_view{v.get_string()});
    if (v.is_array()) {
        for (const json::value& item : v.get_array()) add_all_texts_of(item);
    }
    if (v.is_object()) {
        for (const auto& member : v.get_object()) add_all_texts_of(member.value());
    }
}

/// The user's name, the password, and each value of the query.
void secrets::add_parts_of_url(std::string_view url) {
    const private_parts parts = private_parts_of(url);
    const auto add_each = [this](std::string_view all, std::string_view between) {
        while (!all.empty()) {
            const std::size_t end = std::min(all.find_first_of(between), all.size());
            const std::string_view one = all.substr(0, end);
            const std::size_t equals = one.find('=');
            add(equals == std::string_view::npos ? one : one.substr(equals + 1));
            all.remove_prefix(std::min(end + 1, all.size()));
        }
    };
    add_each(url.substr(parts.user, parts.user_size), ":");
    if (parts.query != std::string_view::npos) add_each(url.substr(parts.query), "&;#");
}

void secrets::add_those_in(const json::value& v) {
    if (v.is_array()) {
        for (const json::value& item : v.get_array()) add_those_in(item);
    }
    if (!v.is_object()) return;
    for (const auto& member : v.get_object()) {
        if (is_secret(member.key())) {
            add_all_texts_of(member.value());
        } else if (names_url(member.key()) && member.value().is_string()) {
            const std::string_view url = member.value().get_string();
            add_parts_of_url(url);
            if (!has_private_path(member.key())) continue;
            const private_parts parts = private_parts_of(url);
            for (const std::string_view key :
                 keys_in_path(url.substr(parts.path, parts.path_size))) {
                add(key);
            }
        } else {
            add_those_in(member.value());
        }
    }
}

std::string secrets::hidden_in(std::string_view text) const {
    std::string out{text};
    for (const std::string& secret : texts_) {
        const std::string_view beginning = std::string_view{secret}.substr(0, telling);
        for (std::size_t at = 0; (at = out.find(beginning, at)) != std::string::npos;) {
            const std::string_view rest = std::string_view{out}.substr(at);
            const auto differs =
                std::mismatch(secret.begin(), secret.end(), rest.begin(), rest.end());
            out.replace(at, static_cast<std::size_t>(differs.first - secret.begin()), shown);
            at += shown.size();
        }
    }
    return out;
}

std::string without_secrets(std::string_view text) {
    json::value v = json::parse(text);
    hide_secrets(v);
    return json_text(v);
}

}  // namespace lmstress::wire
