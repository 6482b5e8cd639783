#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace test {

/// A whole HTTP answer with a length.
std::string http_answer(int status, std::string_view content_type, std::string_view content);

/// Whether the server closes the connection after its last byte.
enum class connection { stays, closes };

/// The events of an HTTP answer that came in these pieces.
std::vector<std::string> read_answer(std::string_view api,
                                     const std::vector<std::string_view>& pieces,
                                     connection c = connection::stays);

/// The same of one that came whole, after a check that no single cut of it changes anything.
std::vector<std::string> read_every_split(std::string_view api, std::string_view answer);

}  // namespace test
