#pragma once

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::wire {

/// Texts that must not be shown or stored, whoever repeats them.
class secrets {
  public:
    /// The text and each of its words ("Bearer", "sk-..."). What is shorter than six characters is
    /// left out: hiding every "e" hides nothing and spoils the rest.
    void add(std::string_view text);
    /// Every text that stands in JSON under a name like `headers`, `authorization` or `api_key`,
    /// and of URLs, under a name like `image_url`, the user, the password and the values of the
    /// query; under `server_url` the parts of the path as well, but for a few words.
    void add_those_in(const boost::json::value& v);

    /// With *** in the place of each, and of eight or more characters of its beginning.
    [[nodiscard]] std::string hidden_in(std::string_view text) const;

  private:
    void add_all_texts_of(const boost::json::value& v);
    void add_parts_of_url(std::string_view url);

    std::vector<std::string> texts_;  // the longest first
};

/// The JSON text with *** for all that add_those_in() takes.
[[nodiscard]] std::string without_secrets(std::string_view json);

}  // namespace lmstress::wire
