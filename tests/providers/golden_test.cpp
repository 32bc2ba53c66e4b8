// Walks tests/golden: AIGW_UPDATE_GOLDEN=1 writes upstream.http and response.http anew.
#include <catch2/catch.hpp>

#include "tests/providers/golden_exchange.h"

using namespace aigw;
using namespace aigw::providers;
using namespace aigw::providers::tests;

TEST_CASE("providers: golden exchanges are translated as written", "[providers]") {
    for (const GoldenCase& golden : load_golden_cases()) {
        DYNAMIC_SECTION(golden.name()) {
            const GoldenExchange exchange(golden);
            golden.check("upstream.http", exchange.upstream());
            golden.check("response.http", exchange.response());
        }
    }
}
