// https://github.com/lmstudio-ai/lmstudio-js, packages/lms-external-backend-interfaces/src,
// filesBackendInterface.ts.

#include "server/file_upload.hpp"

#include "api/json_frame.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace lmstress::server {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

error not_sent(const error& why) {
    return {why.code,
            "the images cannot be sent over the socket of LM Studio's SDK: " + why.message,
            why.advice};
}

}  // namespace

asio::awaitable<result<void>> file_upload::open() {
    const auto opened = co_await sdk_.open("files", patience);
    if (!opened) co_return not_sent(opened.error());
    co_return result<void>{};
}

asio::awaitable<result<std::string>> file_upload::send(std::string name, std::string base64) {
    json::object file;
    file["name"] = name;
    file["contentBase64"] = base64;
    const json::value parameter = std::move(file);
    const auto answer = co_await sdk_.call("uploadFileBase64", parameter, patience);
    if (!answer) co_return not_sent(answer.error());
    const json::object* o = answer->if_object();
    std::string identifier = o == nullptr ? "" : std::string{api::string_at(*o, "identifier")};
    if (identifier.empty()) {
        co_return not_sent({errc::not_understood, "the server gives " + name + " no identifier"});
    }
    co_return identifier;
}

}  // namespace lmstress::server
