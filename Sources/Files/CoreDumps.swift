import Glibc

/// What the kernel writes of a process that crashes: all of its memory, in which keys are.
public enum CoreDumps {
    /// Keeps this process and those it starts from leaving one.
    ///
    /// The limit can be raised again for a running process, by `prlimit --core=unlimited --pid PID`, for whoever looks for
    /// a crash on a ledger without real keys.
    public static func forbid() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = 0
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }
}
