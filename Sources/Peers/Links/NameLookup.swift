import Dispatch
import Glibc
import NIOCore
import NIOPosix

/// Looks up the addresses of a host's name on a thread apart; what asks the name server cannot be broken off.
///
/// NIO's own does not tell when one is over for which nobody waits any more, and lets the next ones wait behind it.
final class NameLookup: Resolver, Sendable {
    /// Finds the addresses of a name, however long that takes.
    typealias Finder = @Sendable (_ host: String, _ port: Int) throws -> [SocketAddress]

    private let loop: any EventLoop
    private let finder: Finder
    private let whenOver: @Sendable () -> Void
    private let addresses6: EventLoopPromise<[SocketAddress]>
    private let addresses4: EventLoopPromise<[SocketAddress]>

    /// - Parameters:
    ///   - loop: where the results go.
    ///   - finder: called on a thread apart.
    ///   - whenOver: called on the loop once it has come back, also where nobody waits for it any more.
    init(
        on loop: any EventLoop, _ finder: @escaping Finder,
        whenOver: @escaping @Sendable () -> Void
    ) {
        self.loop = loop
        self.finder = finder
        self.whenOver = whenOver
        addresses6 = loop.makePromise()
        addresses4 = loop.makePromise()
    }

    /// Begins; the system is asked once for addresses of both kinds.
    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        // A queue of its own: those that all share have few threads, which tasks need too.
        DispatchQueue(label: "name lookup").async { [self] in
            let found = Result { try finder(host, port) }
            loop.execute { [self] in
                addresses6.completeWith(found.map { $0.filter { $0.protocol == .inet6 } })
                addresses4.completeWith(found.map { $0.filter { $0.protocol == .inet } })
                whenOver()
            }
        }
        return addresses6.futureResult
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        addresses4.futureResult
    }

    func cancelQueries() {}

    /// There is no such host, or no name server answers.
    struct UnknownHost: Error {}

    /// Asks the system.
    ///
    /// - Throws: ``UnknownHost``.
    @Sendable
    static func system(_ host: String, _ port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else {
            throw UnknownHost()
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            let address = UnsafeRawPointer(entry.ai_addr)
            switch entry.ai_family {
            case AF_INET:
                let bytes = address?.loadUnaligned(as: sockaddr_in.self)
                if let bytes { found.append(SocketAddress(bytes, host: host)) }
            case AF_INET6:
                let bytes = address?.loadUnaligned(as: sockaddr_in6.self)
                if let bytes { found.append(SocketAddress(bytes, host: host)) }
            default: continue
            }
        }
        return found
    }
}
