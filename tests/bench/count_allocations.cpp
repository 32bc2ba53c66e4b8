// Preloaded into a program, counts what it allocates: LD_PRELOAD=count_allocations.so
// AIGW_BENCH_ALLOCATIONS=FILE
//
// The first eight bytes of FILE are the number of malloc, calloc, realloc and aligned allocations
// of the process and those it forks, as a native integer that whoever maps or reads the file sees
// grow. glibc only.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

using Counter = std::atomic<std::uint64_t>;

// An interposed function has no argument to carry it in. It starts before any constructor has run.
Counter before_start = 0;
Counter* counter = &before_start;

void count() {
    counter->fetch_add(1, std::memory_order_relaxed);
}

[[gnu::constructor]] void open_counter() {
    const char* path = std::getenv("AIGW_BENCH_ALLOCATIONS");
    if (path == nullptr) return;
    const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof(Counter)) != 0) return;
    void* shared = mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (shared != MAP_FAILED) counter = static_cast<Counter*>(shared);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
    count();
    return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
    count();
    return __libc_calloc(number, size);
}

void* realloc(void* old, std::size_t size) {
    count();
    return __libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    *result = memalign(alignment, size);
    return *result == nullptr ? ENOMEM : 0;
}
}
