#include "workload/lmstudio_block.hpp"

#include "wire/json_value.hpp"
#include "workload/scenario_fields.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>

namespace lmstress::workload {
namespace {

namespace json = boost::json;

constexpr std::string_view sdk_api = "lmstudio-sdk";

std::optional<std::uint64_t> port_of(const json::value& v) {
    json::error_code ec;
    const auto port = v.to_number<std::uint64_t>(ec);
    return !ec && port >= 1 && port <= 65'535 ? std::optional{port} : std::nullopt;
}

/// An IPv6 address has brackets in a URL.
std::string url_of(const std::string& host, std::uint64_t port) {
    const bool bare_ipv6 = std::count(host.begin(), host.end(), ':') > 1 &&
                           !host.starts_with('[') && host.find("://") == std::string::npos;
    const std::string named = bare_ipv6 ? '[' + host + ']' : host;
    const std::string scheme = host.find("://") == std::string::npos ? "http://" : "";
    return scheme + named + ':' + std::to_string(port);
}

/// The members of one block, checked one by one. What is null is as good as absent.
class block_reader {
  public:
    block_reader(const json::object& block, const std::string& file) : block_(block), file_(file) {}

    [[nodiscard]] result<std::optional<std::string>> text(std::string_view name) const {
        const json::value* v = present(name);
        if (v == nullptr) return std::optional<std::string>{};
        if (!v->is_string()) return wrong(name, "a text");
        if (v->get_string().empty()) return std::optional<std::string>{};
        return std::optional{std::string{std::string_view{v->get_string()}}};
    }

    [[nodiscard]] result<std::optional<bool>> truth(std::string_view name) const {
        const json::value* v = present(name);
        if (v == nullptr) return std::optional<bool>{};
        if (!v->is_bool()) return wrong(name, "true or false");
        return std::optional{v->get_bool()};
    }

    [[nodiscard]] result<std::vector<std::uint64_t>> ports() const {
        const json::value* v = present("ports");
        std::vector<std::uint64_t> all;
        if (v == nullptr) return all;
        const json::array given = v->is_array() ? v->get_array() : json::array{*v};
        for (const json::value& one : given) {
            const auto port = port_of(one);
            if (!port) return wrong("ports", "a list of ports from 1 to 65535");
            all.push_back(*port);
        }
        if (all.empty()) return wrong("ports", "a list of ports from 1 to 65535");
        return all;
    }

  private:
    [[nodiscard]] const json::value* present(std::string_view name) const {
        const json::value* v = block_.if_contains(name);
        return v == nullptr || v->is_null() ? nullptr : v;
    }
    [[nodiscard]] error wrong(std::string_view name, const std::string& form) const {
        return {errc::bad_file, file_ + ": /lmstudio/" + std::string{name} + " is not " + form};
    }

    const json::object& block_;
    const std::string& file_;
};

void take_address(const std::optional<std::string>& host, std::vector<std::uint64_t> ports,
                  target_settings& target) {
    if (ports.empty()) ports = {1234};
    target.further_urls.clear();
    for (const std::uint64_t port : ports) {
        target.further_urls.push_back(url_of(host.value_or("127.0.0.1"), port));
    }
    target.url = target.further_urls.front();
    target.further_urls.erase(target.further_urls.begin());
}

bool is_ours(std::string_view name) {
    const auto all = scenario_sections();
    return name == "$schema" || std::any_of(all.begin(), all.end(), [&](const auto& section) {
               return section.name == name;
           });
}

/// Leaves the sections of a scenario in `whole`, and notes what else there was.
void drop_what_is_not_ours(const json::object& block, json::object& whole, const std::string& file,
                           reading& about) {
    std::string names;
    const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
    for (const auto& member : block) {
        const std::string_view name = member.key();
        const bool known =
            name == "host" || name == "ports" || name == "api_token" || name == "use_rest_api";
        if (!known) add("lmstudio." + std::string{name});
    }
    json::object ours;
    for (const auto& member : whole) {
        if (is_ours(member.key())) {
            ours[member.key()] = member.value();
        } else if (member.key() != "lmstudio") {
            add(std::string{member.key()});
        }
    }
    whole = std::move(ours);
    if (!names.empty()) about.ignored.push_back(file + ": " + names);
}

}  // namespace

result<void> take_lmstudio_block(json::object& whole, const std::string& file, scenario& into,
                                 reading& about) {
    const json::value* there = whole.if_contains("lmstudio");
    if (there == nullptr) return {};
    if (!there->is_object()) {
        return error{errc::bad_file, file + ": /lmstudio is not an object"};
    }
    const json::object block = there->get_object();
    const block_reader reader{block, file};
    const auto host = reader.text("host");
    if (!host) return host.error();
    const auto ports = reader.ports();
    if (!ports) return ports.error();
    const auto token = reader.text("api_token");
    if (!token) return token.error();
    const auto rest = reader.truth("use_rest_api");
    if (!rest) return rest.error();

    if (*host || !ports->empty()) {
        take_address(*host, *ports, into.target);
        about.origins["/target/url"] = file;
    }
    if (*token) {
        into.target.api_token = **token;
        into.target.api_token_file.clear();
        about.origins.erase("/target/api_token_file");
        about.origins["/target/api_token"] = file;
    }
    if (*rest && (**rest ? into.target.api == sdk_api : true)) {
        into.target.api = **rest ? "auto" : sdk_api;
        about.origins["/target/api"] = file;
    }
    drop_what_is_not_ours(block, whole, file, about);
    return {};
}

}  // namespace lmstress::workload
