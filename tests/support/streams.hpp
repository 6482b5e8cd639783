#pragma once

#include <string>
#include <vector>

namespace test {

/// An event stream as a server sent it, or as one might.
struct named_stream {
    const char* name;
    std::string bytes;
};

/// Over thirty streams: recorded from LM Studio, llama.cpp, vLLM and others, and made for the
/// corners of the standard. Short, so that each can be cut at every pair of places.
const std::vector<named_stream>& streams();

/// The bytes of one of them.
const std::string& stream(const std::string& name);

}  // namespace test
