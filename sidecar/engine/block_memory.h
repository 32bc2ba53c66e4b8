// Memory of what is made and unmade with every request: lists of freed blocks by size.
//
// Why:     frames of coroutines and exchanges are up to a few KiB, where malloc leaves its fast
//          path.
// Shape:   a class that wants it has `operator new` and a sized `operator delete` that call these.
// Bound:   of each size at most kKept blocks stay, so that a burst gives its memory back. With
//          fewer than there are calls under way, blocks would go back and forth to malloc, which
//          joins and splits them each time.
// Threads: each thread has lists of its own; a block may be given back on another one.
#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace aigw::engine {

class BlockMemory {
public:
    static void* take(std::size_t bytes) {
        const std::size_t list = list_of(bytes);
        if (list >= kLists) return ::operator new(bytes);
        Lists& lists = mine();
        Free* first = lists.first[list];
        if (first == nullptr) return ::operator new((list + 1) * kStep);
        lists.first[list] = first->next;
        --lists.count[list];
        return first;
    }

    static void give_back(void* memory, std::size_t bytes) {
        const std::size_t list = list_of(bytes);
        if (list < kLists) {
            Lists& lists = mine();
            if (lists.count[list] < kKept) {
                lists.first[list] = ::new (memory) Free{lists.first[list]};
                ++lists.count[list];
                return;
            }
        }
        ::operator delete(memory);
    }

private:
    static constexpr std::size_t kStep = 64;
    static constexpr std::size_t kLists = 160;  // up to 10 KiB
    static constexpr std::size_t kKept = 128;

    struct Free {
        Free* next;
    };
    struct Lists {
        std::array<Free*, kLists> first{};
        std::array<std::size_t, kLists> count{};

        ~Lists() {
            for (Free*& list : first) {
                while (list != nullptr) ::operator delete(std::exchange(list, list->next));
            }
            count.fill(kKept);  // what other thread-locals give back later is not kept
        }
    };

    static std::size_t list_of(std::size_t bytes) { return (bytes - 1) / kStep; }
    static Lists& mine() {
        thread_local Lists lists;
        return lists;
    }
};

}  // namespace aigw::engine
