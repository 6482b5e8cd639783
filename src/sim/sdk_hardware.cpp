#include "sim/sdk_hardware.hpp"

#include "lmstress/version.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::sim {
namespace {

constexpr std::uint64_t gib = 1ULL << 30U;
constexpr std::uint64_t ram = 64 * gib;
constexpr std::uint64_t vram = 24 * gib;

void append_success(wire::json_writer& w) {
    w.key("result").begin_object().field("code", "success").field("message", "").end_object();
}

void append_gpu(wire::json_writer& w) {
    w.begin_object().field("name", "lmstress GPU").field("deviceId", 0);
    w.field("totalMemoryCapacityBytes", vram).field("dedicatedMemoryCapacityBytes", vram);
    w.field("integrationType", "discrete").field("detectionPlatform", "unknown");
    w.field("detectionPlatformVersion", "").key("otherInfo").begin_object().end_object();
    w.end_object();
}

void append_cpu(wire::json_writer& w) {
    w.key("cpuInfo").begin_object().field("name", "lmstress CPU").field("architecture", "x86_64");
    w.key("supportedInstructionSetExtensions").begin_array().value("AVX").end_array().end_object();
}

}  // namespace

std::string hardware_survey() {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("status", "ok").key("engines").begin_array().begin_object();
    w.field("name", "lmstress-sim").field("version", version).field("engine", "lmstress-sim");
    w.field("platform", "linux").key("compatibility").begin_object();
    w.field("status", "compatible").end_object();
    w.key("supportedModelFormatNames").begin_array().value("GGUF").end_array();
    w.key("hardwareSurvey").begin_object().key("gpuSurveyResult").begin_object();
    append_success(w);
    w.key("gpuInfo").begin_array();
    append_gpu(w);
    w.end_array().end_object().key("cpuSurveyResult").begin_object();
    append_success(w);
    append_cpu(w);
    w.end_object().end_object();
    w.key("memoryInfo").begin_object().field("ramCapacity", ram).field("vramCapacity", vram);
    w.field("totalMemory", ram + vram).end_object();
    w.end_object().end_array().end_object();
    return out;
}

}  // namespace lmstress::sim
