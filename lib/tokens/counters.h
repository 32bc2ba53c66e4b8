// One thread's counters, a megabyte for each encoding that it has been asked for.
//
// Errors:  those of Vocabularies::find.
// Threads: one set per thread; the vocabularies are shared.
#pragma once

#include <array>
#include <memory>

#include "base/result.h"
#include "tokens/counter.h"
#include "tokens/encoding.h"
#include "tokens/vocabularies.h"

namespace aigw::tokens {

class Counters {
public:
    explicit Counters(const Vocabularies& vocabularies) : vocabularies_(vocabularies) {}

    // Lives as long as this does.
    Result<Counter*> find(Encoding encoding);

private:
    const Vocabularies& vocabularies_;
    std::array<std::unique_ptr<Counter>, kEncodings.size()> counters_;
};

}  // namespace aigw::tokens
