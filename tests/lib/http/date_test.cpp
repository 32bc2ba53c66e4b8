#include "http/date.h"

#include <catch2/catch.hpp>

using aigw::http::parse_date;
using std::chrono::sys_seconds;

TEST_CASE("http: dates of fields are read", "[http]") {
    using namespace std::chrono;
    CHECK(parse_date("Sun, 06 Nov 1994 08:49:37 GMT") ==
          sys_days(year(1994) / 11 / 6) + 8h + 49min + 37s);
    CHECK(parse_date("Thu, 29 Feb 2024 23:59:59 GMT") ==
          sys_days(year(2024) / 2 / 29) + 23h + 59min + 59s);
    for (const char* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                             "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT+1", "120",
                             "Sun, 06 Xxx 1994 08:49:37 GMT"}) {
        CHECK_FALSE(parse_date(text).has_value());
    }
    CHECK_FALSE(parse_date(std::string_view("Sun, 06 Nov 1994 08:49:37 GMT\0+1", 32)).has_value());
}
