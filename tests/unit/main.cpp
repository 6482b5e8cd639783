#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

/// The settings of whoever runs the tests are none of theirs.
void forget_settings_of_user() {
    std::vector<std::string> names{"LM_API_TOKEN"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text = *variable;
        // LMSTRESS_..._ROOT is where the conformance tests keep their programs.
        const std::string name = text.substr(0, text.find('='));
        if (name.starts_with("LMSTRESS_") && !name.ends_with("_ROOT")) names.push_back(name);
    }
    for (const std::string& name : names) ::unsetenv(name.c_str());
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    ::setenv("XDG_DATA_HOME", "/nonexistent", 1);
}

}  // namespace

int main(int argc, char** argv) {
    forget_settings_of_user();
    return doctest::Context(argc, argv).run();
}
