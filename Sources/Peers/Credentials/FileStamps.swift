import Glibc

/// By which it is seen that one of the certificate files has changed.
struct FileStamps: Equatable, Sendable {
    private struct Stamp: Equatable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanos: Int
    }

    private var stamps: [Stamp?]

    /// Looks at the files; one that is missing is a state, too.
    init(_ files: CertificateFiles) {
        stamps = [files.chain, files.key, files.authorities].map { path in
            var facts = stat()
            guard stat(path, &facts) == 0 else { return nil }
            return Stamp(
                inode: UInt64(facts.st_ino), size: Int64(facts.st_size),
                seconds: facts.st_mtim.tv_sec, nanos: facts.st_mtim.tv_nsec)
        }
    }
}
