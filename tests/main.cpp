#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <csignal>

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // as the program itself does: a closed peer is an error value
    return Catch::Session().run(argc, argv);
}
