#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lmstress::report {

/// The page of a report: `page` with its "@LMSTRESS_DATA@" replaced by `data`, JSON in which
/// whatever could end a script element or begin another one is written as an escape. What servers
/// and models said is text in it and stays text. Nothing for a page that has no such place, as that
/// of a program that was built without its pages.
[[nodiscard]] std::optional<std::string> html_page(std::string_view page, std::string_view data);

}  // namespace lmstress::report
