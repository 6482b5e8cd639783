#include "sim/chat_memory.hpp"

#include <doctest/doctest.h>

using namespace lmstress::sim;

TEST_CASE("chat memory: what was said counts, by whom, and in which order") {
    transcript a;
    a.say("user", "ab");
    a.say("assistant", "c");
    transcript same;
    same.say("user", "ab");
    same.say("assistant", "c");
    CHECK(a.fingerprint == same.fingerprint);
    CHECK(a.characters == 3);
    transcript other;
    other.say("user", "a");
    other.say("assistant", "bc");
    CHECK(a.fingerprint != other.fingerprint);
    transcript swapped;
    swapped.say("assistant", "ab");
    swapped.say("user", "c");
    CHECK(a.fingerprint != swapped.fingerprint);
}

TEST_CASE("chat memory: chats by id, and beginnings by what was said") {
    chat_memory memory;
    const std::string first = memory.next_id();
    CHECK(first == "resp_" + std::string(47, '0') + "1");
    CHECK(memory.next_id() != first);
    CHECK_FALSE(memory.find(first));
    transcript t;
    t.say("user", "a");
    CHECK_FALSE(memory.is_cached(t));
    memory.store(first, t);
    CHECK_FALSE(memory.is_cached(t));
    CHECK(memory.find(first)->characters == 1);
    memory.cache(t);
    CHECK(memory.is_cached(t));
}
