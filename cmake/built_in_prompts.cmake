# Puts a text file into a C++ source, so that the binary needs no file beside it.
#   cmake -DFROM=chat.jsonl -DTO=built_in_prompts.cpp -P built_in_prompts.cmake
file(READ ${FROM} text)
file(WRITE ${TO} "#include \"workload/built_in_prompts.hpp\"

namespace lmstress::workload {

const std::string_view built_in_prompts = R\"prompts(${text})prompts\";

}  // namespace lmstress::workload
")
