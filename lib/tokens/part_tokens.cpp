#include "tokens/part_tokens.h"

#include "tokens/image_tokens.h"

namespace aigw::tokens {
namespace {

using protocol::Media;

void add_image(const protocol::ImagePart& image, std::string_view detail, PromptTally& tally) {
    const std::string_view asked = image.detail.empty() ? detail : std::string_view(image.detail);
    tally.add_media(image_tokens(tally.model().media, read_image_size(image.media), asked));
}

void add_document(const protocol::DocumentPart& document, PromptPart part, PromptTally& tally) {
    tally.note_guess();
    tally.add_text(part, document.title);
    tally.add_text(part, document.context);
    if (document.media.source == Media::Source::Text) {
        tally.add_text(part, document.media.data);
    } else {
        tally.add_media(document_tokens(tally.model().media, document.media));
    }
}

}  // namespace

std::string_view usual_detail(const protocol::ChatRequest& chat) {
    const auto* large = chat.find_extra("vl_high_resolution_images");  // Qwen's
    return large != nullptr && large->json == "true" ? "original" : "";
}

bool add_if_media(const protocol::Part& value, PromptPart part, std::string_view detail,
                  PromptTally& tally) {
    const ImageRule& rule = tally.model().media;
    if (const auto* image = value.as<protocol::ImagePart>()) {
        add_image(*image, detail, tally);
    } else if (const auto* document = value.as<protocol::DocumentPart>()) {
        add_document(*document, part, tally);
    } else if (const auto* audio = value.as<protocol::AudioPart>()) {
        tally.add_media(audio_tokens(rule, audio->media));
    } else if (const auto* video = value.as<protocol::VideoPart>()) {
        tally.add_media(video_tokens(rule, video->media));
    } else {
        return false;
    }
    return true;
}

}  // namespace aigw::tokens
