#pragma once

#include "lmstress/scenario.hpp"
#include "wire/value_rule.hpp"

#include <boost/json/fwd.hpp>

#include <span>
#include <string_view>

namespace lmstress::wire {
class json_writer;
}

namespace lmstress::workload {

/// A field of a scenario: one row says how it is called in a file and on the command line, what it
/// must be, what it means, and where it is kept. Files, flags, --set, the schema, the help and the
/// manual all come from here.
struct scenario_field {
    std::string_view pointer;     ///< JSON pointer: "/load/duration"
    std::string_view flag;        ///< "--duration"; empty: none
    std::string_view value_name;  ///< of the flag's value; empty: the flag takes none
    std::string_view flag_json;   ///< what a flag without a value sets
    wire::value_rule rule;
    std::string_view text;     ///< what it is; the default is added to it
    std::string_view instead;  ///< fields that are mutually exclusive have the same word here
    bool stored = true;        ///< with the results, in the scenario as in effect
    bool secret = false;       ///< never shown
    /// Takes over a value that fits the rule. False: its text is not of the rule's form.
    bool (*read)(const boost::json::value& v, scenario& s);
    /// Writes the value in effect. False: there is none.
    bool (*write)(const scenario& s, wire::json_writer& w);
    bool repeated = false;  ///< its flag may be given several times, and all count
};

/// All but those below /request, in the order of the file.
[[nodiscard]] std::span<const scenario_field> scenario_fields() noexcept;
/// The field of that pointer, or null.
[[nodiscard]] const scenario_field* find_scenario_field(std::string_view pointer) noexcept;

/// The sections of a file, and what each is for.
struct scenario_section {
    std::string_view name;
    std::string_view text;
    /// The one command that reads it, and has its flags; empty: all do.
    std::string_view command = {};
};
[[nodiscard]] std::span<const scenario_section> scenario_sections() noexcept;

}  // namespace lmstress::workload
