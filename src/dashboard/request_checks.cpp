#include "dashboard/request_checks.hpp"

#include "wire/base64.hpp"
#include "wire/letters.hpp"

#include <boost/asio/ip/address.hpp>

namespace lmstress::dashboard {
namespace {

namespace ip = boost::asio::ip;

/// "127.0.0.1:8765", "[::1]:8765" or "localhost" without its port; empty: it is no such thing.
std::string_view name_in(std::string_view host) {
    const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
    if (bracket == std::string_view::npos) return {};
    const std::size_t colon = host.find(':', bracket);
    const std::string_view port =
        colon == std::string_view::npos ? std::string_view{} : host.substr(colon + 1);
    const bool digits = port.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || port.size() > 5 || (colon != std::string_view::npos && port.empty())) return {};
    const std::string_view name = host.substr(0, colon);
    return bracket == 0
               ? name
               : (name.size() == bracket + 1 ? name.substr(1, bracket - 1) : std::string_view{});
}

/// A part of a name between its dots. That of a container may have an underscore.
bool is_label(std::string_view part) {
    constexpr std::size_t longest = 63;
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return !part.empty() && part.size() <= longest && part.front() != '-' && part.back() != '-' &&
           part.find_first_not_of(letters) == std::string_view::npos;
}

std::string_view media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    return type;
}

/// The origin of a page that came from this host. Behind a proxy that speaks TLS it is https.
bool is_own_origin(const http_request& r, const access_rules& rules) {
    const auto is_of = [&](const std::string& host, bool or_tls) {
        return r.origin == "http://" + host || (or_tls && r.origin == "https://" + host);
    };
    // A proxy may say our own address in place of its name in the Host header.
    if (!rules.name.empty() && is_of(rules.name, true)) return true;
    return is_of(r.host, !rules.loopback);
}

std::optional<http_answer> refused_change(const http_request& r, const access_rules& rules) {
    if (!wire::same_letters(media_type(r.content_type), "application/json")) {
        return refusal(415, "a request that changes something must be application/json");
    }
    if (!is_own_origin(r, rules)) {
        return refusal(403, "this request is not of the dashboard's own page",
                       "Its Origin header must be the address of the dashboard.");
    }
    if (!same_secret(r.page_token, rules.page_token)) {
        return refusal(403, "the token of this page is not that of this start of the dashboard",
                       "Reload the page.");
    }
    return std::nullopt;
}

}  // namespace

bool same_secret(std::string_view a, std::string_view b) noexcept {
    unsigned different = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const char other = b.empty() ? '\0' : b[i % b.size()];
        different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other);
    }
    return different == 0;
}

bool is_safe_host(std::string_view host, bool any_address) {
    const std::string_view name = name_in(host);
    if (wire::same_letters(name, "localhost")) return true;
    boost::system::error_code ec;
    const auto address = ip::make_address(std::string{name}, ec);
    return !ec && (any_address || address.is_loopback());
}

bool is_host_name(std::string_view host) {
    constexpr std::size_t longest = 253;
    if (is_safe_host(host, true)) return true;
    std::string_view name = name_in(host);
    if (host.starts_with('[') || name.empty() || name.size() > longest) return false;
    for (;;) {
        const std::size_t dot = name.find('.');
        if (!is_label(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

bool authorized(std::string_view authorization, std::string_view token) {
    const std::size_t blank = authorization.find(' ');
    if (blank == std::string_view::npos) return false;
    const std::string_view scheme = authorization.substr(0, blank);
    const std::string_view value = authorization.substr(blank + 1);
    if (wire::same_letters(scheme, "bearer")) return same_secret(value, token);
    if (!wire::same_letters(scheme, "basic")) return false;
    const std::string pair = wire::base64_decoded(value).value_or("");
    const std::size_t colon = pair.find(':');
    return colon != std::string::npos &&
           same_secret(std::string_view{pair}.substr(colon + 1), token);
}

std::optional<http_answer> refused(const http_request& r, const access_rules& rules) {
    const bool named = !rules.name.empty() && wire::same_letters(r.host, rules.name);
    if (!named && !is_safe_host(r.host, !rules.loopback)) {
        return refusal(
            421, "the dashboard is not known by this name",
            rules.loopback
                ? "Open it as http://127.0.0.1 or http://localhost."
                : "Open it by the address of its machine; --name HOST takes a name as well.");
    }
    if (!rules.access_token.empty() && !authorized(r.authorization, rules.access_token)) {
        http_answer wants =
            refusal(401, "the access token of this start of the dashboard is wanted",
                    "lmstress serve has printed it: it is the password.");
        wants.headers.emplace_back("WWW-Authenticate", "Basic realm=\"lmstress\"");
        return wants;
    }
    if (r.method == "GET" || r.method == "HEAD") return std::nullopt;
    if (r.method != "POST") return refusal(405, "the dashboard answers GET and POST");
    return refused_change(r, rules);
}

}  // namespace lmstress::dashboard
