// What a condition may look at of one request, beside who sends it.
//
// Shape:   texts as the caller sent them, and two ways to look something up: a header field by its
//          name, values of the body by a path. What is not given is not there: a command that has
//          no header asks without one.
// Borrows: everything; a Request lives as long as the call that it describes.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace aigw::matching {

// Header fields by name, case ignored; the first of several.
class Fields {
public:
    virtual ~Fields() = default;
    virtual std::optional<std::string_view> find(std::string_view name) const = 0;
};

// One value of a JSON body: a text bare, a number as it was written, "true" or "false"; nullopt for
// an object, an array and null.
using Value = std::optional<std::string_view>;
// Looks at a value; true when that was enough.
using Look = std::function<bool(const Value&)>;

// The values of a JSON body. A step of a path is a key, the number of an element, or "*", any
// element.
class Body {
public:
    virtual ~Body() = default;
    // Shows what stands at the path, one value after the other, until one was enough; false when
    // none was.
    virtual bool any(std::span<const std::string> path, const Look& look) const = 0;
};

struct Request {
    std::string_view method{};
    std::string_view path{};   // without the query
    std::string_view query{};  // behind the question mark, still encoded
    const Fields* fields = nullptr;
    const Body* body = nullptr;
    std::string_view bytes{};  // the body as it was sent
};

// Fields of a list, for those who have them as texts.
class FieldList final : public Fields {
public:
    using List = std::span<const std::pair<std::string, std::string>>;
    explicit FieldList(List fields) : fields_(fields) {}
    std::optional<std::string_view> find(std::string_view name) const override;

private:
    List fields_;
};

// The value of a name in a query, decoded; the first of several.
std::optional<std::string> find_in_query(std::string_view query, std::string_view name);

}  // namespace aigw::matching
