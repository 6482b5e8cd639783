# What nearly every file includes, parsed once for a target and not once for each file, which is most of a small file's
# time. Only headers that are not ours, so that a change of ours compiles no more than what includes it. Each file still
# includes what it uses, for GCC's builds do without: GCC 12 would be faster as well, but then shows its false warnings
# of libstdc++ (gcc.gnu.org/PR105651), which it keeps to itself where it has read the headers as a system's.
option(LMSTRESS_PRECOMPILE "Precompile the headers of the libraries (clang)" OFF)

set(precompiled_headers
  <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <deque> <filesystem> <fstream> <functional> <limits> <map>
  <memory> <optional> <random> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
  <boost/json.hpp> <fmt/format.h>)

# precompile(TARGET [HEADER...]): with further headers, or FROM another target that is compiled in the same way.
function(precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FROM" "")
  if(NOT LMSTRESS_PRECOMPILE OR LMSTRESS_FUZZ)
    return()
  elseif(arg_FROM)
    target_precompile_headers(${target} REUSE_FROM ${arg_FROM})
  else()
    target_precompile_headers(${target} PRIVATE ${precompiled_headers} ${arg_UNPARSED_ARGUMENTS})
  endif()
endfunction()
