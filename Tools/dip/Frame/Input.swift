import Gateway
import Wallet

/// Files given on the command line; `-` is the standard input.
enum Input {
    /// A file's bytes.
    static func bytes(_ path: String, atMost limit: Int = 64 << 20) throws -> [UInt8] {
        try PrivateFiles.read(path == "-" ? "/dev/stdin" : path, atMost: limit).withBytes {
            Array($0)
        }
    }

    /// A file's JSON.
    static func json(_ path: String) throws -> JSON {
        let bytes = try bytes(path)
        do {
            return try JSON(parsing: bytes, limits: .trustedFile)
        } catch {
            throw Failure.usage("\(path): \(error)")
        }
    }
}
