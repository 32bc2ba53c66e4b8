#include "sidecar/engine/server.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "protocol/error_envelope.h"
#include "sidecar/engine/connection.h"
#include "sidecar/engine/inherited.h"

namespace aigw::engine {
namespace {

using Descriptor = boost::asio::posix::basic_stream_descriptor<LoopExecutor>;

Error listen_error(const std::string& address, int error) {
    const std::string hint =
        error == EADDRINUSE ? "is another gateway running? choose another address with --listen"
        : error == EACCES   ? "choose a port above 1023, or give the right to bind it"
                            : "check server.listen";
    return Error{ErrorCode::Config, "cannot listen on " + address + ": " + std::strerror(error),
                 hint};
}

// The whole answer to one connection too many; sent without reading its request.
const std::string& too_many_connections() {
    static const std::string kAnswer = [] {
        const auto error = protocol::render_error(
            {ErrorCode::Overloaded, "too many connections", "try again in a moment"},
            protocol::Envelope::OpenAi, "");
        return "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: "
               "1\r\nconnection: close\r\n"
               "content-length: " +
               std::to_string(error.body.size()) + "\r\n\r\n" + error.body;
    }();
    return kAnswer;
}

// The kernel connects nobody any more, so that those who wait already are all there will be:
// without it whoever comes between the last accept() and close() is reset with his request under
// way. Newcomers hear nothing, ask again, and are refused by then.
void drop_newcomers(int listener) {
    sock_filter drop{BPF_RET | BPF_K, 0, 0, 0};
    const sock_fprog program{1, &drop};
    ::setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

struct Bound {
    int descriptor = -1;
    std::string address;  // with the port that was really bound
    std::string path;     // of a Unix socket: removed at the end
};

Result<Bound> bind_unix(const std::string& address, const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(name.sun_path))
        return listen_error(address, ENAMETOOLONG);
    std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return listen_error(address, errno);
    const auto* generic = reinterpret_cast<const sockaddr*>(&name);
    int outcome = ::bind(descriptor, generic, sizeof(name));
    if (outcome != 0 && errno == EADDRINUSE) {
        // A file left by a dead process refuses connections; a living one must not be robbed of its
        // address.
        const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool is_alive = ::connect(probe, generic, sizeof(name)) == 0;
        ::close(probe);
        if (!is_alive && ::unlink(path.c_str()) == 0)
            outcome = ::bind(descriptor, generic, sizeof(name));
        else
            errno = EADDRINUSE;
    }
    if (outcome != 0 || ::listen(descriptor, SOMAXCONN) != 0) {
        const int error = errno;
        ::close(descriptor);
        return listen_error(address, error);
    }
    return Bound{descriptor, address, path};
}

std::string text_of(const sockaddr_storage& storage, bool with_port) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return std::string(text.data()) +
               (with_port ? ":" + std::to_string(ntohs(v4.sin_port)) : "");
    }
    if (storage.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        return with_port
                   ? "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port))
                   : text.data();
    }
    return "unix";
}

Result<Bound> bind_tcp(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) return listen_error(address, EINVAL);
    std::string host = address.substr(0, colon);
    const std::string port = address.substr(colon + 1);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int resolved =
        ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
    if (resolved != 0) {
        return Error{ErrorCode::Config,
                     "cannot listen on " + address + ": " + ::gai_strerror(resolved),
                     "write it like 127.0.0.1:8080, [::1]:8080 or unix:/run/aigw.sock"};
    }
    const int descriptor =
        ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    // Only lets a restarted gateway have an address whose old connections linger; two live
    // listeners still collide.
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    const bool is_bound = ::bind(descriptor, found->ai_addr, found->ai_addrlen) == 0 &&
                          ::listen(descriptor, SOMAXCONN) == 0;
    const int error = errno;
    ::freeaddrinfo(found);
    if (!is_bound) {
        ::close(descriptor);
        return listen_error(address, error);
    }
    sockaddr_storage storage{};
    socklen_t size = sizeof(storage);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
    return Bound{descriptor, text_of(storage, true), ""};
}

}  // namespace

// Lives as long as anything on any loop still refers to it.
struct Server::State : std::enable_shared_from_this<Server::State> {
    LoopSet& loops;
    std::shared_ptr<ServerShared> shared = std::make_shared<ServerShared>();
    std::vector<std::string> addresses;
    std::vector<std::string> unix_paths;
    std::vector<std::shared_ptr<Descriptor>> listeners;
    std::atomic<bool> is_listening{true};
    int refusing = 0;  // clients who are told that there is no room; touched by the acceptor only
    // The living connections of each loop; touched on that loop only.
    std::vector<std::unordered_map<Connection*, std::weak_ptr<Connection>>> connections;

    explicit State(LoopSet& all) : loops(all), connections(all.size()) {}
    ~State() {
        for (const std::string& path : unix_paths) ::unlink(path.c_str());
    }

    void start(Loop& loop, int descriptor, std::string peer) {
        auto connection = std::make_shared<Connection>(loop, shared, descriptor, std::move(peer));
        auto& mine = connections[loop.index()];
        mine.emplace(connection.get(), connection);
        boost::asio::co_spawn(
            loop.context().get_executor(), connection->run(),
            [connection, &mine, self = shared_from_this()](const std::exception_ptr& failure) {
                mine.erase(connection.get());
                if (failure) std::rethrow_exception(failure);
            });
    }

    // Hands an accepted connection to the least loaded loop; refuses it when there are too many
    // already.
    void place(Loop& acceptor, int descriptor, std::string peer) {
        if (shared->open.load(std::memory_order_relaxed) >= shared->options.max_connections) {
            return refuse(acceptor, descriptor);
        }
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        Loop& loop = loops.least_loaded();
        if (&loop == &acceptor) return start(loop, descriptor, std::move(peer));
        loop.post([self = shared_from_this(), &loop, descriptor, peer = std::move(peer)]() mutable {
            self->start(loop, descriptor, std::move(peer));
        });
    }

    // Says that there is no room, and closes when the client has had the time to read it: with its
    // request unread in the socket, a close at once would be a reset that takes the answer away.
    void refuse(Loop& loop, int descriptor) {
        constexpr int kMostAtOnce = 16;
        constexpr std::chrono::milliseconds kTimeToRead{200};
        const std::string& full = too_many_connections();
        [[maybe_unused]] const auto sent =
            ::send(descriptor, full.data(), full.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ::shutdown(descriptor, SHUT_WR);
        if (refusing >= kMostAtOnce) {
            ::close(descriptor);
            return;
        }
        ++refusing;
        auto client = std::make_shared<Descriptor>(loop.context().get_executor(), descriptor);
        loop.spawn([self = shared_from_this(), &loop, client]() -> Task<void> {
            co_await loop.sleep(kTimeToRead);
            std::array<char, 1024> unread;
            while (::recv(client->native_handle(), unread.data(), unread.size(), MSG_DONTWAIT) >
                   0) {
            }
            --self->refusing;
        });
    }

    static Task<void> accept(std::shared_ptr<State> self, Loop& loop,
                             std::shared_ptr<Descriptor> listener) {
        while (listener->is_open()) {
            sockaddr_storage storage{};
            socklen_t size = sizeof(storage);
            const int descriptor =
                ::accept4(listener->native_handle(), reinterpret_cast<sockaddr*>(&storage), &size,
                          SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor >= 0) {
                self->place(loop, descriptor, text_of(storage, false));
                continue;
            }
            const int error = errno;
            if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
                // Out of descriptors: those who wait stay in the backlog until some connection
                // ends.
                co_await loop.sleep(std::chrono::milliseconds(50));
                continue;
            }
            if (error != EAGAIN && error != EWOULDBLOCK) continue;  // the peer has gone already
            auto [failure] = co_await listener->async_wait(Descriptor::wait_read,
                                                           boost::asio::as_tuple(kUseTask));
            if (failure) co_return;
        }
    }

    // Runs an action on every living connection, on its own loop.
    void for_each(void (Connection::*action)()) {
        for (std::size_t i = 0; i < loops.size(); ++i) {
            loops.at(i).post([self = shared_from_this(), i, action] {
                for (const auto& [key, weak] : std::unordered_map(self->connections[i])) {
                    if (const auto connection = weak.lock()) (connection.get()->*action)();
                }
            });
        }
    }

    void close_listeners() {
        boost::system::error_code ignored;
        for (const auto& listener : listeners) listener->close(ignored);
    }

    void stop_accepting() {
        loops.at(0).post([self = shared_from_this()] {
            self->close_listeners();
            self->is_listening = false;
        });
    }

    // Those who have connected by the end of the last call are taken in: to them it looks as if
    // they had been.
    static Task<void> close_after_last_call(std::shared_ptr<State> self) {
        constexpr std::chrono::milliseconds kArrival{20};  // on another loop
        Loop& loop = self->loops.at(0);
        co_await loop.sleep(self->shared->last_call);
        for (const auto& listener : self->listeners) {
            if (!listener->is_open()) continue;
            drop_newcomers(listener->native_handle());
            self->take_waiting(loop, *listener);
        }
        self->close_listeners();
        co_await loop.sleep(kArrival);
        self->is_listening = false;
    }

    void take_waiting(Loop& loop, Descriptor& listener) {
        while (true) {
            const int descriptor =
                ::accept4(listener.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0) return;
            sockaddr_storage storage{};
            socklen_t size = sizeof(storage);
            ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
            place(loop, descriptor, text_of(storage, false));
        }
    }
};

Server::Server() = default;

Result<std::unique_ptr<Server>> Server::listen(ServerOptions options, LoopSet& loops,
                                               Handler handler) {
    auto state = std::make_shared<State>(loops);
    state->shared->options = std::move(options);
    state->shared->handler = std::move(handler);
    const TlsFiles& files = state->shared->options.tls;
    if (!files.cert.empty()) state->shared->set_tls(TRY(TlsServer::make(files)));
    std::vector<int> descriptors = state->shared->options.inherited;
    if (!descriptors.empty()) {
        state->addresses = TRY(addresses_of(descriptors));
        state->shared->options.listen.clear();
        for (const int descriptor : descriptors) adopt(descriptor);
    }
    for (const std::string& address : state->shared->options.listen) {
        auto bound = address.starts_with("unix:") ? bind_unix(address, address.substr(5))
                                                  : bind_tcp(address);
        if (!bound) {
            for (const int descriptor : descriptors) ::close(descriptor);
            return std::move(bound).error();
        }
        descriptors.push_back(bound->descriptor);
        state->addresses.push_back(bound->address);
        if (!bound->path.empty()) state->unix_paths.push_back(bound->path);
    }
    Loop& loop = loops.at(0);
    for (const int descriptor : descriptors) {
        auto listener = std::make_shared<Descriptor>(loop.context().get_executor(), descriptor);
        state->listeners.push_back(listener);
        loop.spawn([state, &loop, listener] { return State::accept(state, loop, listener); });
    }
    std::unique_ptr<Server> server(new Server());
    server->state_ = std::move(state);
    return server;
}

Server::~Server() {
    if (state_) stop();
}

const std::vector<std::string>& Server::addresses() const {
    return state_->addresses;
}

bool Server::is_tls() const {
    return state_->shared->tls() != nullptr;
}

Result<void> Server::read_certificates(const TlsFiles& files) {
    std::shared_ptr<const TlsServer> tls;
    if (!files.cert.empty()) tls = TRY(TlsServer::make(files));
    state_->shared->set_tls(std::move(tls));
    return {};
}

void Server::drain(std::chrono::milliseconds last_call) {
    state_->shared->last_call = last_call;
    state_->shared->is_draining = true;
    if (state_->shared->options.inherited.empty()) {
        state_->loops.at(0).spawn([state = state_] { return State::close_after_last_call(state); });
    } else {
        state_->stop_accepting();
    }
    state_->for_each(&Connection::drain);
}

bool Server::is_drained() const {
    return !state_->is_listening && state_->shared->open.load() == 0;
}

void Server::interrupt() {
    state_->stop_accepting();
    state_->for_each(&Connection::interrupt);
}

std::size_t Server::busy_connections() const {
    return state_->shared->busy.load();
}
std::size_t Server::open_connections() const {
    return state_->shared->open.load();
}

void Server::stop() {
    state_->stop_accepting();
    state_->for_each(&Connection::close);
}

}  // namespace aigw::engine
