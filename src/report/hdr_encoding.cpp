#include "report/hdr_encoding.hpp"

#include "wire/base64.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <zlib.h>

namespace lmstress::report {
namespace {

// V2, with the size of its words in the low digit, as HdrHistogram writes them.
constexpr std::uint32_t encoding_cookie = 0x1c849303 | 0x10;
constexpr std::uint32_t compressed_cookie = 0x1c849304 | 0x10;

template <class Integer>
void put(std::string& out, Integer v) {
    for (int shift = 8 * (static_cast<int>(sizeof v) - 1); shift >= 0; shift -= 8) {
        out += static_cast<char>((static_cast<std::uint64_t>(v) >> shift) & 0xff);
    }
}

/// Seven bits a byte, the lowest first, and the ninth byte whole.
void put_zigzag(std::string& out, std::int64_t v) {
    std::uint64_t left = (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
    for (int i = 0; i < 8 && left >= 0x80; ++i) {
        out += static_cast<char>((left & 0x7f) | 0x80);
        left >>= 7;
    }
    out += static_cast<char>(left);
}

/// One more than the last cell that holds something.
std::size_t used(std::span<const std::uint64_t> counts) {
    std::size_t n = counts.size();
    while (n > 0 && counts[n - 1] == 0) --n;
    return n;
}

std::string payload_of(const dense_histogram& h) {
    const auto counts = h.counts();
    // An empty histogram has its first cell, with nothing in it.
    const std::size_t n = std::max<std::size_t>(used(counts), 1);
    std::string out;
    for (std::size_t i = 0; i < n;) {
        if (counts[i] != 0) {
            put_zigzag(out, static_cast<std::int64_t>(counts[i++]));
            continue;
        }
        std::int64_t zeros = 0;
        while (i < n && counts[i] == 0) {
            ++zeros;
            ++i;
        }
        put_zigzag(out, zeros > 1 ? -zeros : 0);
    }
    return out;
}

}  // namespace

std::string hdr_encoded(const dense_histogram& h) {
    const std::string payload = payload_of(h);
    std::string out;
    put(out, encoding_cookie);
    put(out, static_cast<std::uint32_t>(payload.size()));
    put(out, std::uint32_t{0});  // normalizing index offset
    put(out, std::uint32_t{3});  // significant digits
    put(out, std::uint64_t{1});  // lowest value that is told from 0
    put(out, std::uint64_t{histogram_layout::highest_us});
    put(out, std::bit_cast<std::uint64_t>(1.0));  // of a value to the unit of the counts
    return out + payload;
}

std::string hdr_compressed(const dense_histogram& h) {
    const std::string plain = hdr_encoded(h);
    std::string packed(compressBound(static_cast<uLong>(plain.size())), '\0');
    auto size = static_cast<uLongf>(packed.size());
    const int done = compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                               reinterpret_cast<const Bytef*>(plain.data()),
                               static_cast<uLong>(plain.size()), Z_DEFAULT_COMPRESSION);
    if (done != Z_OK) throw std::bad_alloc{};  // all else that can go wrong: it has room enough
    packed.resize(size);
    std::string out;
    put(out, compressed_cookie);
    put(out, static_cast<std::uint32_t>(packed.size()));
    return wire::base64(out + packed);
}

double hdr_maximum_us(const dense_histogram& h) {
    const std::size_t n = used(h.counts());
    return n == 0 ? 0.0 : static_cast<double>(histogram_layout::highest_in(n - 1));
}

}  // namespace lmstress::report
