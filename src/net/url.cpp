#include "net/url.hpp"

#include "wire/letters.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace lmstress::net {
namespace {

/// Without what may be a secret: a user's name and password, and the query.
std::string shown(std::string_view url) {
    std::string out{url.substr(0, std::min(url.find('?'), url.find('#')))};
    const std::size_t scheme = out.find("://");
    const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t at = out.rfind('@');
    if (at != std::string::npos && at >= host) out.replace(host, at - host, "***");
    return out.size() < url.size() && at == std::string::npos ? out + "..." : out;
}

error bad_url(std::string_view text, std::string_view why) {
    return {errc::usage, "\"" + shown(text) + "\" is no URL of a server: " + std::string{why},
            "Write it like http://127.0.0.1:1234"};
}

bool is_port(std::string_view digits) {
    unsigned port = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return ec == std::errc{} && end == digits.data() + digits.size() && port >= 1 && port <= 65535;
}

/// People paste what their client is configured with: longer ones first.
std::string without_route(std::string path) {
    constexpr std::array routes = {"/api/v0/chat/completions",
                                   "/api/v1/chat",
                                   "/v1/chat/completions",
                                   "/v1/completions",
                                   "/v1/responses",
                                   "/v1/embeddings",
                                   "/v1/messages",
                                   "/api/chat",
                                   "/api/v1",
                                   "/api/v0",
                                   "/v1"};
    while (path.ends_with('/')) path.pop_back();
    for (const std::string_view route : routes) {
        if (path.ends_with(route)) {
            path.resize(path.size() - route.size());
            break;
        }
    }
    while (path.ends_with('/')) path.pop_back();
    return path;
}

}  // namespace

result<endpoint> parse_url(std::string_view text) {
    std::string whole{text};
    if (whole.find("://") == std::string::npos) whole = "http://" + whole;
    const auto parsed = boost::urls::parse_uri(whole);
    if (!parsed) return bad_url(text, parsed.error().message());
    const boost::urls::url_view& url = *parsed;
    using boost::urls::scheme;
    if (url.scheme_id() != scheme::http && url.scheme_id() != scheme::https) {
        return bad_url(text, "the scheme must be http or https");
    }
    if (url.has_userinfo())
        return bad_url(text, "a URL is stored with the results; give a token by LM_API_TOKEN");
    if (url.has_query() || url.has_fragment()) return bad_url(text, "it has a query or a fragment");
    endpoint e;
    e.host = url.host_address();
    if (e.host.empty()) return bad_url(text, "it has no host");
    if (url.has_port() && !is_port(std::string_view{url.port()})) {
        return bad_url(text, "the port must be from 1 to 65535");
    }
    e.tls = url.scheme_id() == scheme::https;
    e.port = url.has_port() ? std::string{url.port()} : e.tls ? "443" : "80";
    e.host_header = std::string{url.encoded_host()} + (url.has_port() ? ":" + e.port : "");
    e.prefix = without_route(std::string{url.encoded_path()});
    return e;
}

std::string header_fields(std::string_view ours, const target_settings& target,
                          std::string_view token_field) {
    std::string all{ours};
    if (!target.api_token.empty()) all += std::string{token_field} + target.api_token + "\r\n";
    std::string fields;
    for (std::string_view rest = all; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find("\r\n") + 2);
        const std::string_view name = line.substr(0, line.find(':'));
        const bool replaced =
            std::any_of(target.headers.begin(), target.headers.end(),
                        [&](const auto& h) { return wire::same_letters(h.first, name); });
        if (!replaced) fields += line;
        rest.remove_prefix(line.size());
    }
    for (const auto& [name, value] : target.headers) fields += name + ": " + value + "\r\n";
    return fields;
}

result<std::pair<std::string, std::string>> parse_header(std::string_view text) {
    constexpr std::array ours = {"host",       "content-length", "transfer-encoding",
                                 "connection", "content-type",   "x-request-id"};
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const error wrong{errc::usage, "a header is no \"Name: value\"",
                      "What was given is not shown, for it may be a secret."};
    const auto in_name = [](char c) { return c > ' ' && c <= '~' && c != ':'; };
    if (colon == std::string_view::npos || name.empty()) return wrong;
    if (!std::all_of(name.begin(), name.end(), in_name)) return wrong;
    for (const std::string_view taken : ours) {
        if (!wire::same_letters(name, taken)) continue;
        return error{errc::usage, "lmstress sets the header " + std::string{taken} + " itself"};
    }
    std::string_view value = text.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    const auto in_value = [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7F; };
    if (!std::all_of(value.begin(), value.end(), in_value)) return wrong;
    return std::pair{std::string{name}, std::string{value}};
}

}  // namespace lmstress::net
