#include "support/truth.hpp"

#include "store/record_json.hpp"
#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace test {

namespace json = boost::json;
using lmstress::moment;

std::map<std::string, true_request> read_truth(const std::filesystem::path& file) {
    std::map<std::string, true_request> out;
    for (const std::string& line : lines_of(file)) {
        const json::object o = json::parse(line).as_object();
        true_request& r = out[o.at("request_id").as_string().c_str()];
        const json::string& type = o.at("type").as_string();
        if (type == "request") r.kernel_ns = o.at("kernel_ns").to_number<std::int64_t>();
        if (type == "message.delta" || type == "token") {
            r.tokens.push_back(o.at("sent_ns").to_number<std::int64_t>());
        }
    }
    return out;
}

std::vector<lmstress::request_record> read_records(const std::filesystem::path& directory) {
    std::vector<lmstress::request_record> out;
    for (const std::string& line : lines_of(directory / "requests.jsonl")) {
        out.push_back(lmstress::store::record_of_line(line).value());
    }
    return out;
}

double quantile(std::vector<double> sample, double p) {
    if (sample.empty()) throw std::runtime_error("quantile of nothing");
    std::sort(sample.begin(), sample.end());
    const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(sample.size())));
    return sample[std::max<std::size_t>(rank, 1) - 1];
}

error_of_measurement compare(const std::vector<lmstress::request_record>& records,
                             const std::map<std::string, true_request>& truth) {
    std::vector<double> ttft, true_ttft, gaps, true_gaps, ttft_error, gap_error;
    const auto ms = [](std::int64_t ns) { return static_cast<double>(ns) / 1e6; };
    for (const auto& r : records) {
        if (r.phase != lmstress::run_phase::measured) continue;
        const true_request& t = truth.at(r.request_id);
        if (r.event_times.size() != t.tokens.size()) throw std::runtime_error("events were lost");
        const auto first = r.moments.between(moment::send_start, moment::first_token);
        ttft.push_back(ms(first.value().count()));
        true_ttft.push_back(ms(t.tokens.front() - t.kernel_ns));
        ttft_error.push_back(std::abs(ttft.back() - true_ttft.back()) * 1000);
        for (std::size_t i = 1; i < t.tokens.size(); ++i) {
            gaps.push_back(ms((r.event_times[i] - r.event_times[i - 1]).count()));
            true_gaps.push_back(ms(t.tokens[i] - t.tokens[i - 1]));
            gap_error.push_back(std::abs(gaps.back() - true_gaps.back()) * 1000);
        }
    }
    error_of_measurement e;
    e.requests = ttft.size();
    e.gaps = gaps.size();
    e.ttft_p50_ms = quantile(ttft, 0.5), e.ttft_p95_ms = quantile(ttft, 0.95);
    e.true_ttft_p50_ms = quantile(true_ttft, 0.5), e.true_ttft_p95_ms = quantile(true_ttft, 0.95);
    e.gap_p50_ms = quantile(gaps, 0.5), e.gap_p95_ms = quantile(gaps, 0.95);
    e.true_gap_p50_ms = quantile(true_gaps, 0.5), e.true_gap_p95_ms = quantile(true_gaps, 0.95);
    e.ttft_error_p99_us = quantile(ttft_error, 0.99);
    e.gap_error_p99_us = quantile(gap_error, 0.99);
    return e;
}

}  // namespace test
