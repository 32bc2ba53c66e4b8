#include "tokens/counters.h"

namespace aigw::tokens {

Result<Counter*> Counters::find(Encoding encoding) {
    auto& counter = counters_[static_cast<std::size_t>(encoding)];
    if (!counter) counter = std::make_unique<Counter>(*TRY(vocabularies_.find(encoding)));
    return counter.get();
}

}  // namespace aigw::tokens
