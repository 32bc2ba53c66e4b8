// What a vendor says when it refuses: any bytes make an error that can be shown.

#include <string>

#include "protocol/error_envelope.h"
#include "protocol/vendor_error.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aigw::protocol;
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const VendorError error = read_vendor_error(body);
    (void)find_vendor_error(body);
    const auto shown = render_error({aigw::ErrorCode::UpstreamInvalid, error.message, ""},
                                    Envelope::OpenAi, "req_fuzz");
    aigw::fuzz::must_hold(find_vendor_error(shown.body).has_value() || error.message.empty(),
                          "an error that was shown can be read");
    return 0;
}
