#include "workload/image_file.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;
using namespace std::string_literals;
using workload::read_image;

TEST_CASE("image file: PNG, JPEG and WebP are told by their first bytes") {
    const auto png = read_image("\x89PNG\r\n\x1A\n..."s, "a.txt");
    REQUIRE(png.has_value());
    CHECK(png->media_type == "image/png");
    CHECK(png->base64 == "iVBORw0KGgouLi4=");
    CHECK(read_image("\xFF\xD8\xFF\xE0"s, "a")->media_type == "image/jpeg");
    CHECK(read_image("RIFF\0\0\0\0WEBPVP8 "s, "a")->media_type == "image/webp");
}

TEST_CASE("image file: anything else is refused in a sentence") {
    for (const std::string& content :
         {""s, "\x89PNG"s, "GIF89a"s, "RIFF\0\0\0\0WAVEfmt "s, "RIFFWEBP"s, "<svg/>"s}) {
        CAPTURE(content);
        const auto read = read_image(content, "cat.png");
        REQUIRE(read.has_error());
        CHECK(read.error().code == errc::bad_file);
        CHECK(read.error().message == "cat.png is no image: it is neither PNG nor JPEG nor WebP");
    }
    std::string large = "\xFF\xD8\xFF"s;
    large.resize(20'000'000);
    CHECK(read_image(large, "a").has_value());
    large += '.';
    CHECK(read_image(large, "a").error().message == "a is larger than an image may be, 20 MB");
}
