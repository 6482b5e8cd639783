// What a binary has in place of its pages where it was built without Node; with it, build.mjs makes
// the other definition of these two.
#include "web/pages.hpp"

namespace lmstress::web {

std::string_view report_page() {
    return {};
}

std::string_view dashboard_page() {
    return {};
}

}  // namespace lmstress::web
