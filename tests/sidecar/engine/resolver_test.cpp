// Names that are asked of a name service which the test plays.
#include "sidecar/engine/resolver.h"

#include <catch2/catch.hpp>

#include "sidecar/engine/upstream.h"
#include "tests/fakes/upstream.h"
#include "tests/sidecar/engine/on_loop.h"

using namespace aigw;
using namespace aigw::engine;
using namespace std::chrono_literals;

namespace {

const Error kDown{ErrorCode::UpstreamUnreachable, "the name service is down"};

// Gives its answers in order, the last one for ever; each waits until it is let go.
struct NameService {
    Loop& loop;
    std::vector<Result<Resolver::Addresses>> answers{};
    std::size_t asked = 0;
    std::size_t let_go = 1000;

    Resolver::Lookup lookup() {
        return [this](std::string) { return answer(); };
    }
    Task<Result<Resolver::Addresses>> answer() {
        const std::size_t number = asked++;
        while (number >= let_go) co_await loop.sleep(1ms);
        co_return answers[std::min(number, answers.size() - 1)];
    }
};

std::string text_of(const Result<Resolver::Addresses>& result) {
    if (!result) return result.error().message;
    std::string text;
    for (const std::string& address : *result) text += (text.empty() ? "" : " ") + address;
    return text;
}

Task<std::string> resolve(Resolver& resolver, std::chrono::milliseconds patience = 5s) {
    const auto result = co_await resolver.resolve("a.example", patience);
    co_return text_of(result);
}

using Addresses = Resolver::Addresses;

}  // namespace

TEST_CASE("resolver: a name is asked for once, as long as it is fresh", "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        NameService names{loop, {Addresses{"10.0.0.1", "10.0.0.2"}, kDown}};
        Resolver resolver(loop, names.lookup());
        std::string all;
        for (int i = 0; i < 3; ++i) all += co_await resolve(resolver) + ", ";
        co_return all + std::to_string(names.asked);
    });
    CHECK(seen == "10.0.0.1 10.0.0.2, 10.0.0.1 10.0.0.2, 10.0.0.1 10.0.0.2, 1");
}

TEST_CASE("resolver: the last good value is kept when the name service fails", "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        NameService names{loop, {Addresses{"10.0.0.1"}, kDown, kDown, Addresses{"10.0.0.2"}}};
        Resolver resolver(loop, names.lookup(), {.fresh = 0ms, .again_after_failure = 0ms});
        std::string all;
        for (std::size_t i = 1; i <= 5; ++i) {
            all += co_await resolve(resolver) + ", ";
            while (names.asked < i) co_await loop.sleep(1ms);
        }
        co_return all + std::to_string(names.asked);
    });
    CHECK(seen == "10.0.0.1, 10.0.0.1, 10.0.0.1, 10.0.0.2, 10.0.0.2, 5");
}

TEST_CASE("resolver: a name service that has failed is left alone for a while", "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        NameService names{loop, {Addresses{"10.0.0.1"}, kDown}};
        Resolver resolver(loop, names.lookup(), {.fresh = 0ms});
        std::string all;
        for (int i = 0; i < 4; ++i) {
            all += co_await resolve(resolver) + ", ";
            while (names.asked < 2 && i > 0) co_await loop.sleep(1ms);
        }
        co_return all + std::to_string(names.asked);
    });
    CHECK(seen == "10.0.0.1, 10.0.0.1, 10.0.0.1, 10.0.0.1, 2");
}

TEST_CASE("resolver: a name service that is silent does not keep a known name waiting",
          "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        NameService names{loop, {Addresses{"10.0.0.1"}, Addresses{"10.0.0.2"}}, 0, 1};
        Resolver resolver(loop, names.lookup(), {.fresh = 0ms});
        std::string all;
        for (int i = 0; i < 3; ++i) all += co_await resolve(resolver) + ", ";
        names.let_go = 1000;
        std::string now;
        do {
            co_await loop.sleep(1ms);
            now = co_await resolve(resolver);
        } while (now == "10.0.0.1");
        co_return all + now;
    });
    CHECK(seen == "10.0.0.1, 10.0.0.1, 10.0.0.1, 10.0.0.2");
}

TEST_CASE("resolver: a name that was not used for long is asked for first", "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        NameService names{loop, {Addresses{"10.0.0.1"}, Addresses{"10.0.0.2"}, kDown}};
        Resolver resolver(loop, names.lookup(), {.fresh = 0ms, .usable = 0ms});
        std::string all;
        for (int i = 0; i < 3; ++i) all += co_await resolve(resolver) + ", ";
        co_return all;
    });
    CHECK(seen == "10.0.0.1, 10.0.0.2, 10.0.0.2, ");
}

TEST_CASE("resolver: calls that want an unknown name share one question", "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        NameService names{loop, {kDown, Addresses{"10.0.0.1"}}, 0, 0};
        Resolver resolver(loop, names.lookup());
        std::string all;
        int done = 0;
        for (int i = 0; i < 3; ++i) {
            loop.spawn([&]() -> Task<void> {
                all += co_await resolve(resolver) + ", ";
                ++done;
            });
        }
        while (names.asked == 0) co_await loop.sleep(1ms);
        co_await loop.sleep(1ms);
        names.let_go = 1000;
        while (done < 3) co_await loop.sleep(1ms);
        all += std::to_string(names.asked) + ", ";
        all += co_await resolve(resolver);
        co_return all;
    });
    CHECK(seen ==
          "the name service is down, the name service is down, the name service is down, 1, "
          "10.0.0.1");
}

TEST_CASE("resolver: an unknown name is waited for as long as a connection is", "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        NameService names{loop, {Addresses{}}, 0, 0};
        Resolver resolver(loop, names.lookup());
        std::string all = co_await resolve(resolver, 20ms) + ", ";
        names.let_go = 1000;
        all += co_await resolve(resolver);
        co_return all;
    });
    CHECK(seen ==
          "the name a.example could not be resolved within 20ms, the name a.example has no "
          "address");
}

TEST_CASE("resolver: an address is taken as it is", "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        NameService names{loop, {kDown}};
        Resolver resolver(loop, names.lookup());
        const auto v4 = co_await resolver.resolve("192.0.2.1", 1s);
        const auto v6 = co_await resolver.resolve("::1", 1s);
        co_return text_of(v4) + ", " + text_of(v6) + ", " + std::to_string(names.asked);
    });
    CHECK(seen == "192.0.2.1, ::1, 0");
}

TEST_CASE("resolver: the system knows this machine, and no name that ends in .invalid",
          "[engine]") {
    const auto seen = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        const auto here = co_await loop.upstreams().resolver().resolve("localhost", 10s);
        const auto nowhere = co_await loop.upstreams().resolver().resolve("a.invalid", 10s);
        const bool is_here = here && !here->empty();
        const std::string why = nowhere ? "" : nowhere.error().message.substr(0, 42);
        co_return std::string(is_here ? "here, " : "") + why;
    });
    CHECK(seen == "here, the name a.invalid could not be resolved: ");
}
