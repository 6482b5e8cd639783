#pragma once

#include "dashboard/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace lmstress::dashboard {

/// Who may ask for what.
struct access_rules {
    bool loopback = true;      ///< it listens to this machine alone
    std::string access_token;  ///< that each request must have; empty: none is wanted
    std::string name = {};     ///< that a proxy before us is known by; empty: none is
    std::string page_token;    ///< that each request must have which changes something
};

/// The refusal of a request that must not be answered; nothing: it may be.
///
/// * A page of another origin can have this machine's browser ask us, by a name of its own that it
///   lets point here (DNS rebinding). Such a request has that name in its Host header, so only
///   names that nobody else can have are taken: addresses, and localhost.
/// * It can have the browser send a form or a simple POST without asking us first. What changes
///   something must therefore be application/json, of our page's origin, and with the token that
///   only our page shows.
[[nodiscard]] std::optional<http_answer> refused(const http_request& r, const access_rules& rules);

/// A name that stands for this machine alone, whatever the DNS says: localhost or an address of the
/// loopback; or with `any_address` any address, since an address is looked up nowhere. A port may
/// follow.
[[nodiscard]] bool is_safe_host(std::string_view host, bool any_address);

/// Whether a browser may be told to come by that: a name of the DNS, or an address; a port may
/// follow.
[[nodiscard]] bool is_host_name(std::string_view host);

/// Whether the password of a Basic authorization, or the token of a Bearer, is that one. The time
/// it takes says nothing of how much of it is right.
[[nodiscard]] bool authorized(std::string_view authorization, std::string_view token);
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b) noexcept;

}  // namespace lmstress::dashboard
