#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "protocol/openai_stream.h"
#include "protocol/responses_stream.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

// Nothing for what says neither: a comment, a blank line.
enum class Form : std::uint8_t { Unsaid, Chat, Responses };

// Of a stream's first line that says something: Responses name their events, chat does not.
Form form_of(std::string_view line) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    line = trim(line);
    if (line.empty() || line.starts_with(':')) return Form::Unsaid;
    const bool is_named =
        line.starts_with("event:") && trim(line.substr(6)).starts_with("response.");
    const bool is_typed = line.find(R"("type":"response.)") != std::string_view::npos ||
                          line.find(R"("type": "response.)") != std::string_view::npos;
    return is_named || is_typed ? Form::Responses : Form::Chat;
}

class EitherStreamParser final : public ChatStreamParser {
public:
    explicit EitherStreamParser(VendorMeaning own) : own_(std::move(own)) {}

    void feed(std::string_view bytes, ChatSink& sink) override {
        if (parser_) return parser_->feed(bytes, sink);
        held_.append(bytes);
        const Form form = find_form();
        if (form != Form::Unsaid || held_.size() > kMaxHeldBytes) choose(form, sink);
    }

    void finish(ChatSink& sink) override { interrupt(truncated_stream(), sink); }

    void interrupt(Error error, ChatSink& sink) override {
        if (!parser_) choose(form_of(std::string_view(held_).substr(searched_)), sink);
        parser_->interrupt(std::move(error), sink);
    }

    bool is_over() const override { return parser_ && parser_->is_over(); }

private:
    // By the whole lines that have come.
    Form find_form() {
        for (;;) {
            const std::size_t end = held_.find_first_of("\r\n", searched_);
            if (end == std::string::npos) return Form::Unsaid;
            const Form form = form_of(std::string_view(held_).substr(searched_, end - searched_));
            if (form != Form::Unsaid) return form;
            searched_ = end + 1;
        }
    }

    void choose(Form form, ChatSink& sink) {
        parser_ = form == Form::Responses ? make_responses_stream_parser(std::move(own_))
                                          : make_openai_stream_parser(std::move(own_));
        parser_->feed(std::exchange(held_, {}), sink);
    }

    VendorMeaning own_;
    std::unique_ptr<ChatStreamParser> parser_;
    std::string held_;          // until its form is known
    std::size_t searched_ = 0;  // of it
};

}  // namespace

std::unique_ptr<ChatStreamParser> make_either_stream_parser(VendorMeaning own) {
    return std::make_unique<EitherStreamParser>(std::move(own));
}

}  // namespace aigw::protocol
