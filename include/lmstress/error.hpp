#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace lmstress {

/// What stops the program, as opposed to what a single request fails by (failure_kind).
enum class errc : std::uint8_t {
    usage,            ///< a flag or a value that makes no sense
    bad_file,         ///< an input file that is missing, unreadable or not what it should be
    too_many_files,   ///< more connections than this process may have files
    unreachable,      ///< no server answers
    unauthorized,     ///< the server wants another token
    model_not_there,  ///< the server has no such model, or none at all
    not_understood,   ///< something answers, but no API that is known
    refused,          ///< the server does not do what it was asked to
    not_in_force,     ///< the server did it, but not with the settings that were asked for
    output,           ///< a result cannot be written
    internal,         ///< a fault of this program
};

/// An error for the user: one sentence that says what happened and where, and what to do about it.
struct error {
    errc code = errc::internal;
    std::string message;
    std::string advice = {};  ///< one or two lines; may be empty
};

/// The program's exit code for it (docs/exit-codes.md).
[[nodiscard]] constexpr int exit_code_of(errc code) noexcept {
    switch (code) {
        case errc::usage:
        case errc::bad_file:
        case errc::too_many_files:
            return 2;
        case errc::unreachable:
        case errc::unauthorized:
        case errc::model_not_there:
        case errc::not_understood:
        case errc::refused:
            return 3;
        case errc::not_in_force:
            return 5;
        case errc::output:
        case errc::internal:
            return 1;
    }
    return 1;
}

template <class T>
using result = boost::system::result<T, error>;

/// Called by result<T>::value() where there is none: a fault of the caller.
[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) {
    throw std::logic_error(e.message);
}

}  // namespace lmstress
