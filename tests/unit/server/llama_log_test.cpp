#include "server/llama_log.hpp"

#include <doctest/doctest.h>

#include <string>

using lmstress::server::unified_kv_in_log;

TEST_CASE("llama.cpp's log: the line that tells of the KV cache, of the last load") {
    const std::string on =
        "0.00.057.595 I srv    load_model: initializing, n_slots = 2, n_ctx_slot = 1024, "
        "kv_unified = 'true'\n";
    const std::string off =
        "0.00.062.556 I srv    load_model: initializing, n_slots = 2, n_ctx_slot = 512, "
        "kv_unified = 'false'\n";
    CHECK(unified_kv_in_log(on) == true);
    CHECK(unified_kv_in_log(off) == false);
    CHECK(unified_kv_in_log(on + off) == false);
    CHECK(unified_kv_in_log(off + on + "more\n") == true);
    for (const char* other : {"", "kv_unified = ", "kv_unified = '", "kv_unified = 'tru",
                              "kv_unified = 'maybe'", "--kv-unified"}) {
        CAPTURE(std::string{other});
        CHECK_FALSE(unified_kv_in_log(other));
    }
}
