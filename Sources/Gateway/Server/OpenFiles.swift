import Glibc

/// How many files and sockets this process may have open at one time.
public enum OpenFiles {
    /// What a node needs beside its callers' connections: stores, logs, peers.
    private static let reserve = 2_048

    /// Raises the limit as far as the system allows this process to.
    ///
    /// - Returns: the limit from now on.
    @discardableResult
    public static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1024
        }
        if limit.rlim_cur < limit.rlim_max {
            var wanted = limit
            wanted.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wanted) == 0 {
                limit = wanted
            }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many callers' connections a limit has room for; at most `most`.
    public static func connections(within limit: Int, most: Int) -> Int {
        min(most, max(limit - reserve, limit / 2))
    }
}
