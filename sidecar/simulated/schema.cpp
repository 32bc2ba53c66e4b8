#include "sidecar/simulated/schema.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace aigw::simulated {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::int64_t kMaxItems = 64;

constexpr std::array<std::string_view, 8> kBank = {"amber", "birch", "cedar",  "delta",
                                                   "ember", "fjord", "garnet", "heron"};

// The value of an integer keyword, or `otherwise`.
std::int64_t integer_at(const Json& schema, const char* key, std::int64_t otherwise) {
    const auto found = schema.find(key);
    if (found == schema.end() || !found->is_number()) return otherwise;
    return found->is_number_integer() ? found->get<std::int64_t>()
                                      : static_cast<std::int64_t>(found->get<double>());
}

class ExampleMaker {
public:
    ExampleMaker(const Json& root, std::span<const std::string> words, Random& random)
        : root_(root), words_(words), random_(random) {}

    Json make(const Json& schema, int depth) {
        if (!schema.is_object() || depth > kMaxDepth) return Json(nullptr);
        if (const Json* target = find_reference(schema)) return make(*target, depth + 1);
        for (const char* key : {"const", "default"}) {
            if (const auto found = schema.find(key); found != schema.end()) return *found;
        }
        if (const Json* choices = find_array(schema, "enum")) {
            return (*choices)[random_.below(choices->size())];
        }
        for (const char* key : {"anyOf", "oneOf", "allOf"}) {
            if (const Json* choices = find_array(schema, key))
                return make(choices->front(), depth + 1);
        }
        return make_typed(schema, type_of(schema), depth);
    }

private:
    static const Json* find_array(const Json& schema, const char* key) {
        const auto found = schema.find(key);
        return found != schema.end() && found->is_array() && !found->empty() ? &*found : nullptr;
    }

    const Json* find_reference(const Json& schema) const {
        const auto found = schema.find("$ref");
        if (found == schema.end() || !found->is_string()) return nullptr;
        const auto& text = found->get_ref<const std::string&>();
        for (const char* home : {"$defs", "definitions"}) {
            const std::string prefix = std::string("#/") + home + "/";
            if (!text.starts_with(prefix) || !root_.contains(home)) continue;
            const auto target = root_[home].find(text.substr(prefix.size()));
            if (target != root_[home].end()) return &*target;
        }
        return text == "#" ? &root_ : nullptr;
    }

    static std::string type_of(const Json& schema) {
        const auto type = schema.find("type");
        if (type != schema.end() && type->is_string()) return type->get<std::string>();
        if (type != schema.end() && type->is_array()) {
            for (const Json& one : *type) {
                if (one.is_string() && one != "null") return one.get<std::string>();
            }
            return "null";
        }
        if (schema.contains("properties")) return "object";
        return schema.contains("items") ? "array" : "string";
    }

    Json make_typed(const Json& schema, const std::string& type, int depth) {
        if (type == "object") return make_object(schema, depth);
        if (type == "array") return make_array(schema, depth);
        if (type == "integer") return make_integer(schema);
        if (type == "number") return Json(static_cast<double>(make_integer(schema)));
        if (type == "boolean") return Json(random_.below(2) == 1);
        if (type == "null") return Json(nullptr);
        return make_string(schema);
    }

    Json make_object(const Json& schema, int depth) {
        Json object = Json::object();
        const auto properties = schema.find("properties");
        if (properties == schema.end() || !properties->is_object()) return object;
        const Json* required = find_array(schema, "required");
        for (const auto& [name, property] : properties->items()) {
            const bool is_wanted =
                required == nullptr ||
                std::find(required->begin(), required->end(), Json(name)) != required->end();
            if (is_wanted) object[name] = make(property, depth + 1);
        }
        return object;
    }

    Json make_array(const Json& schema, int depth) {
        const std::int64_t count = std::min(integer_at(schema, "minItems", 1), kMaxItems);
        Json array = Json::array();
        const auto items = schema.find("items");
        for (std::int64_t i = 0; i < count; ++i) {
            array.push_back(items == schema.end() ? make_string(schema) : make(*items, depth + 1));
        }
        return array;
    }

    std::int64_t make_integer(const Json& schema) {
        const std::int64_t low = integer_at(schema, "minimum", 1);
        const std::int64_t high = integer_at(schema, "maximum", low < 90 ? 99 : low);
        if (high <= low) return high < low && !schema.contains("minimum") ? high : low;
        return low +
               static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(high - low) + 1));
    }

    Json make_string(const Json& schema) {
        const auto format = schema.find("format");
        if (format != schema.end() && format->is_string()) {
            if (*format == "date") return Json("2026-11-20");
            if (*format == "date-time") return Json("2026-11-20T10:00:00Z");
            if (*format == "time") return Json("10:00:00Z");
            if (*format == "email") return Json("someone@example.com");
            if (*format == "uri") return Json("https://example.com/");
            if (*format == "uuid") return Json("5f0c2f1e-8a53-4c1b-9d52-0b7a3c1d2e4f");
        }
        std::string text = next_word_ < words_.size()
                               ? words_[next_word_++]
                               : std::string(kBank[random_.below(kBank.size())]);
        const auto shortest = static_cast<std::size_t>(
            std::clamp<std::int64_t>(integer_at(schema, "minLength", 0), 0, 4096));
        while (text.size() < shortest) text.append("-").append(kBank[random_.below(kBank.size())]);
        const auto longest = static_cast<std::size_t>(
            std::max<std::int64_t>(integer_at(schema, "maxLength", 4096), 0));
        if (text.size() > longest) text.resize(longest);
        return Json(text);
    }

    const Json& root_;
    std::span<const std::string> words_;
    Random& random_;
    std::size_t next_word_ = 0;
};

}  // namespace

Json make_example(const Json& schema, std::span<const std::string> words, Random& random) {
    return ExampleMaker(schema, words, random).make(schema, 0);
}

}  // namespace aigw::simulated
