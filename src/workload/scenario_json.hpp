#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "wire/secrets.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::workload {

/// What reading settings brings to light beside their values.
struct reading {
    /// Where each value that is no default came from: the file, or the name of the assignment. By
    /// JSON pointer, of headers and labels one by one: "/target/headers/X-Team".
    std::map<std::string, std::string> origins;
    /// What stood beside an `lmstudio` block and is nothing of ours: "benchmark.json: prompts".
    std::vector<std::string> ignored;
};

/// Takes over what a scenario file says: JSON with comments and trailing commas, each field at most
/// once and of those in scenario_fields() or a documented one of an API's request; or the
/// `lmstudio` block of another program's configuration. `into` and `about` keep what the file does
/// not mention. An error names the file, the field by its JSON pointer, the reason and the nearest
/// right name.
[[nodiscard]] result<void> read_scenario(std::string_view text, const std::string& file,
                                         scenario& into, reading& about);
/// The same where nobody asks what came from where.
[[nodiscard]] result<void> read_scenario(std::string_view text, const std::string& file,
                                         scenario& into);

/// A field that is set from elsewhere than a file.
struct assignment {
    std::string pointer;  ///< of a field or a section: "/load/duration"
    std::string json;     ///< the value
    std::string name;     ///< what the user wrote, for an error: "--duration"
};
/// Of fields that exclude each other at most one may be among them; it takes the others' place.
[[nodiscard]] result<void> assign(std::span<const assignment> all, scenario& into, reading& about);
[[nodiscard]] result<void> assign(std::span<const assignment> all, scenario& into);

/// The scenario as in effect, as compact JSON that read_scenario() takes. Secrets (tokens, the
/// values of headers, and what stands under such a name in the request) and what belongs to one run
/// only (directory, labels) are left out.
[[nodiscard]] std::string to_json(const scenario& s);

/// The JSON pointer of that member of what `parent` points to (RFC 6901).
[[nodiscard]] std::string pointer_to(std::string_view parent, std::string_view name);

/// Whether the scenario itself gives the request's body a member of that name.
[[nodiscard]] bool is_in_body(const request_settings& r, std::string_view name);

/// What of it nobody should see: the token, the values of headers, and what stands under a name
/// like `headers` in the request.
[[nodiscard]] wire::secrets secrets_of(const scenario& s);

/// The JSON Schema of scenario files (draft 7), indented, with a line feed at its end.
[[nodiscard]] std::string scenario_schema();

}  // namespace lmstress::workload
