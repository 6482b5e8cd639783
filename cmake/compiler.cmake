# Warnings and sanitizers, as interface targets that are linked privately and exported nowhere.
add_library(lmstress_compiler INTERFACE)
target_compile_options(lmstress_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Wnon-virtual-dtor
  $<$<BOOL:${LMSTRESS_WERROR}>:-Werror>)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlapping copies in the concatenation of strings (gcc.gnu.org/PR105651), and a coroutine
  # frame's operator new inlined in one place and its delete in another.
  target_compile_options(lmstress_compiler INTERFACE -Wno-restrict -Wno-mismatched-new-delete)
  # With sanitizers it takes moved-from members for uninitialised ones; the other builds keep the warning.
  if(LMSTRESS_SANITIZE)
    target_compile_options(lmstress_compiler INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()

if(LMSTRESS_FUZZ)
  # libFuzzer's counters go into every object, its main() into the targets alone.
  set(fuzz_flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  target_compile_options(lmstress_compiler INTERFACE ${fuzz_flags} -fno-omit-frame-pointer)
  target_link_options(lmstress_compiler INTERFACE ${fuzz_flags})
elseif(LMSTRESS_SANITIZE)
  target_compile_options(lmstress_compiler INTERFACE
    -fsanitize=${LMSTRESS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(lmstress_compiler INTERFACE -fsanitize=${LMSTRESS_SANITIZE})
else()
  target_link_options(lmstress_compiler INTERFACE -static-libstdc++ -static-libgcc)
endif()

# Asio and Beast are compiled once (src/net/asio_beast.cpp), which halves the time of every other file.
add_library(lmstress_asio INTERFACE)
target_compile_definitions(lmstress_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_DISABLE_BOOST_ARRAY BOOST_ASIO_DISABLE_BOOST_BIND)
target_link_libraries(lmstress_asio INTERFACE Boost::headers OpenSSL::SSL Threads::Threads)
