#include "analyze/capacity_search.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <vector>

using lmstress::analyze::capacity_search;
using lmstress::analyze::step_judgement;
using lmstress::analyze::step_verdict;

namespace {

using oracle = std::function<step_judgement(double load, int times)>;

/// Searches, and returns the loads that were tried.
std::vector<double> search(capacity_search& s, const oracle& at) {
    std::vector<double> tried;
    while (const auto load = s.next()) {
        REQUIRE(tried.size() < 100);
        int times = 0;
        for (const double earlier : tried) times += earlier == *load;
        tried.push_back(*load);
        s.told(at(*load, times));
    }
    return tried;
}

oracle up_to(double capacity) {
    return [=](double load, int) {
        return load <= capacity ? step_verdict::holds : step_verdict::fails;
    };
}

}  // namespace

TEST_CASE("capacity search: doubles, halves what lies between, and tests both ends again") {
    capacity_search s{{}};
    const std::vector<double> expected{1, 2, 4, 8, 16, 12, 10, 11, 11, 12};
    CHECK(search(s, up_to(11)) == expected);
    CHECK(s.found().low->load == 11);
    CHECK(s.found().high->load == 12);
    CHECK(s.found().low->tested_again);
    CHECK(s.found().high->tested_again);
}

TEST_CASE("capacity search: every whole capacity is bracketed by its neighbours") {
    for (int capacity = 1; capacity < 130; ++capacity) {
        CAPTURE(capacity);
        capacity_search s{{}};
        search(s, up_to(capacity));
        CHECK(s.found().low->load == capacity);
        CHECK(s.found().high->load == capacity + 1);
    }
}

TEST_CASE("capacity search: a rate is bracketed to its precision") {
    for (const double capacity : {0.013, 0.7, 1.0, 3.3, 250.0}) {
        CAPTURE(capacity);
        capacity_search s{{.first = 1, .whole = false, .precision = 0.05}};
        search(s, up_to(capacity));
        const auto b = s.found();
        REQUIRE(b.low.has_value());
        REQUIRE(b.high.has_value());
        CHECK(b.low->load <= capacity);
        CHECK(b.high->load > capacity);
        CHECK(b.high->load <= b.low->load * 1.05);
    }
}

TEST_CASE("capacity search: not even one, and more than is allowed") {
    capacity_search none{{}};
    CHECK(search(none, up_to(0)) == std::vector<double>{1, 1});
    CHECK_FALSE(none.found().low.has_value());
    CHECK(none.found().high->load == 1);
    capacity_search all{{.most = 12}};
    CHECK(search(all, up_to(1e9)) == std::vector<double>{1, 2, 4, 8, 12, 12});
    CHECK(all.found().low->load == 12);
    CHECK_FALSE(all.found().high.has_value());
}

TEST_CASE("capacity search: what stays undecided is an end, and marked so") {
    capacity_search s{{}};
    search(s, [](double load, int) {
        if (load == 7) return step_verdict::undecided;
        return load < 7 ? step_verdict::holds : step_verdict::fails;
    });
    CHECK(s.found().low->load == 6);
    CHECK(s.found().high->load == 7);
    CHECK(s.found().high->verdict == step_verdict::undecided);
}

TEST_CASE(
    "capacity search: decided ends around an undecided load are the bracket, if near enough") {
    const auto around = [](double from, double to) {
        return [=](double load, int) {
            if (load >= from && load <= to) return step_verdict::undecided;
            return load < from ? step_verdict::holds : step_verdict::fails;
        };
    };
    capacity_search rate{{.whole = false, .precision = 0.1}};
    const auto tried = search(rate, around(9.8, 10.2));
    CHECK(tried.size() < 20);
    CHECK(rate.found().low->load < 9.8);
    CHECK(rate.found().high->load > 10.2);
    CHECK(rate.found().high->verdict == step_verdict::fails);
    CHECK(rate.found().high->load <= rate.found().low->load * 1.1);
    capacity_search users{{.most = 200}};
    search(users, around(99, 101));
    CHECK(users.found().low->load < 99);
    CHECK(users.found().high->load <= users.found().low->load * 1.1);
    CHECK(users.found().high->load > 101);
    CHECK(users.found().high->verdict == step_verdict::fails);
    // Too much is undecided: its lower end is one of the bracket.
    capacity_search wide{{.whole = false, .precision = 0.1}};
    search(wide, around(9, 11));
    CHECK(wide.found().low->load < 9);
    CHECK(wide.found().high->verdict == step_verdict::undecided);
}

TEST_CASE("capacity search: a failure above loads that stay undecided is the end, and is neared") {
    const step_judgement leans{step_verdict::undecided, true};
    const auto undecided_up_to = [&](double most, bool holds_at_most = false) {
        return [=](double load, int) -> step_judgement {
            if (load > most) return step_verdict::fails;
            return holds_at_most && load == most ? step_judgement{step_verdict::holds} : leans;
        };
    };
    capacity_search s{{}};
    CHECK(search(s, undecided_up_to(5)) == std::vector<double>{1, 2, 4, 8, 6, 5, 6, 5});
    CHECK_FALSE(s.found().low.has_value());
    REQUIRE(s.found().high.has_value());
    CHECK(s.found().high->load == 6);
    CHECK(s.found().high->verdict == step_verdict::fails);
    CHECK(s.found().high->tested_again);
    // A second test may decide what the first one did not.
    capacity_search decided{{}};
    search(decided, [&](double load, int times) -> step_judgement {
        if (load > 5) return step_verdict::fails;
        return load == 5 && times > 0 ? step_judgement{step_verdict::holds} : leans;
    });
    REQUIRE(decided.found().low.has_value());
    CHECK(decided.found().low->load == 5);
    CHECK(decided.found().high->load == 6);
    // What lies between may be decided.
    capacity_search between{{}};
    search(between, undecided_up_to(6, true));
    CHECK(between.found().low->load == 6);
    CHECK(between.found().high->load == 7);
    // One that leans the other way has smaller ones below it, which are tried first.
    capacity_search other{{.first = 8}};
    const auto tried = search(other, [&](double load, int) -> step_judgement {
        if (load > 4) return step_verdict::fails;
        return load > 2 ? step_judgement{step_verdict::undecided, false} : leans;
    });
    CHECK(tried == std::vector<double>{8, 4, 2, 6, 5, 5, 4});
    capacity_search rate{{.whole = false, .precision = 0.1}};
    search(rate, undecided_up_to(5));
    REQUIRE(rate.found().high.has_value());
    CHECK(rate.found().high->verdict == step_verdict::fails);
    CHECK(rate.found().high->load > 5);
    CHECK(rate.found().high->load <= 5 * 1.1 * 1.1);
}

TEST_CASE("capacity search: an end that says otherwise the second time moves the bracket") {
    capacity_search low{{}};
    search(low, [](double load, int times) {  // 6 held by luck
        const bool holds = load < 6 || (load == 6 && times == 0);
        return holds ? step_verdict::holds : step_verdict::fails;
    });
    CHECK(low.found().low->load == 5);
    CHECK(low.found().high->load == 6);
    capacity_search high{{}};
    search(high, [](double load, int times) {  // 6 failed by bad luck
        const bool holds = load < 6 || (load == 6 && times > 0) || load == 7;
        return holds ? step_verdict::holds : step_verdict::fails;
    });
    CHECK(high.found().low->load == 7);
    CHECK(high.found().high->load == 8);
}

TEST_CASE("capacity search: it ends, whatever it is told") {
    capacity_search s{{.longest = 40}};
    int turn = 0;
    const auto tried = search(s, [&](double, int) {
        ++turn;
        return step_judgement{static_cast<step_verdict>((turn * 7 + turn / 3) % 3), turn % 5 < 3};
    });
    CHECK(tried.size() <= 40);
}
