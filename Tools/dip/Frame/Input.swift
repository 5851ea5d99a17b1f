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

    /// Asks the person at the terminal for a line.
    ///
    /// - Returns: the line without spaces around it.
    /// - Throws: ``Failure/usage(_:)`` where the input has ended.
    static func ask(_ question: String) throws -> String {
        Output.prompt(question)
        guard let line = readLine() else {
            Output.note("")
            throw Failure.usage("the input ended at a question: answer it, or say --bindings FILE")
        }
        var text = line.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
