// Facts of a request: whatever the bytes are, an answer or an Error, and places that lie within the
// body.

#include <string>

#include "protocol/request_facts.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);
    static aigw::protocol::FactsReader reader;
    const aigw::protocol::OwnedPaddedBody owned(input.text);
    const std::string_view body = owned.body().bytes();
    for (const aigw::Operation operation : {aigw::Operation::Chat, aigw::Operation::Embeddings}) {
        const auto facts = reader.read(operation, owned.body());
        if (!facts) {
            aigw::fuzz::must_hold(!facts.error().message.empty(), "an error says something");
            continue;
        }
        const auto place = facts->model_place;
        aigw::fuzz::must_hold(place.begin < place.end && place.end <= body.size(),
                              "the model stands in the body");
        aigw::fuzz::must_hold(body[place.begin] == '"' && body[place.end - 1] == '"',
                              "the model's place includes its quotes");
        aigw::fuzz::must_hold(facts->first_key > 0 && body[facts->first_key - 1] == '{',
                              "a field can be added after the opening brace");
    }
    return 0;
}
