import Glibc
import NIOSSL

/// TLS for a server: version 1.3, HTTP/1.1, keys from files.
enum ServerTLS {
    static func context(
        _ files: ServerConfiguration.TLSFiles
    ) throws(ServerFault) -> NIOSSLContext {
        try PrivateFile.check(files.privateKey, whatItIs: "private key")
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificateChain)
            let key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv13
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerFault(
                "cannot use the certificate \(files.certificateChain) with the key "
                    + "\(files.privateKey): \(error); both have to be PEM files")
        }
    }
}

/// Files that hold secrets: nobody but their owner may read them.
enum PrivateFile {
    /// Refuses a file that is missing, no regular file, or open to others than its owner.
    static func check(_ path: String, whatItIs: String) throws(ServerFault) {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            throw ServerFault("cannot find the \(whatItIs) \(path): \(systemMessage(errno))")
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw ServerFault("the \(whatItIs) \(path) is not a file")
        }
        guard facts.st_mode & 0o077 == 0 else {
            throw ServerFault(
                "the \(whatItIs) \(path) can be read by others; run: chmod 600 \(path)")
        }
    }

    /// Reads a whole file that passes the check.
    static func read(_ path: String, whatItIs: String, limit: Int) throws(ServerFault) -> [UInt8] {
        try check(path, whatItIs: whatItIs)
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw ServerFault("cannot read the \(whatItIs) \(path): \(systemMessage(errno))")
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { room in
                Glibc.read(file, room.baseAddress.map { $0 + count }, room.count - count)
            }
            if got == 0 { break }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                throw ServerFault("cannot read the \(whatItIs) \(path): \(systemMessage(errno))")
            }
            count += got
        }
        guard count <= limit else {
            throw ServerFault("the \(whatItIs) \(path) has more than \(limit) bytes")
        }
        return Array(bytes[..<count])
    }
}

/// The system's words for an error number.
func systemMessage(_ number: Int32) -> String {
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
