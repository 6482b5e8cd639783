#pragma once

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::sim {

/// What a request wants in place of words: a call of one of its tools, or a document of a JSON
/// schema. Neither: words.
struct shaped_output {
    std::string tool = {};                 ///< the tool that is called, or empty
    std::vector<std::string> pieces = {};  ///< of its arguments or the document: a token each
    std::string refused = {};              ///< why not: nothing else is said then
    std::string_view wrong = {};           ///< the member that is at fault
};

/// Reads `tools` and `tool_choice`, and what demands a schema, of a request to any of OpenAI's
/// routes or Anthropic's. A tool is called where the choice forces it: the one that is named, else
/// the first. With "auto" the answer is words.
[[nodiscard]] shaped_output wanted_output(const boost::json::object& request);

/// The document that the schema always gets, on one line: the first of an `enum`, a `const`, or
/// else the same for every member of a type.
[[nodiscard]] std::string document_of(const boost::json::value& schema);
/// A text as tokens: pieces of a few letters.
[[nodiscard]] std::vector<std::string> pieces_of(std::string_view text);

}  // namespace lmstress::sim
