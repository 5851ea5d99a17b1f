import JSON
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
    /// - Parameters:
    ///   - question: what stands before the answer.
    ///   - option: what to say on the command line where nobody can answer.
    /// - Returns: the line without spaces around it.
    /// - Throws: ``Failure/usage(_:)`` where the input has ended.
    static func ask(
        _ question: String, otherwise option: String = "--bindings FILE"
    ) throws -> String {
        Output.prompt(question)
        guard let line = readLine() else {
            Output.note("")
            throw Failure.usage("the input ended at a question: answer it, or say \(option)")
        }
        var text = line.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// Asks whether to go on; anything but a yes is a no.
    static func isYes(_ question: String, otherwise option: String) throws -> Bool {
        ["y", "yes", "是"].contains(try ask(question, otherwise: option).lowercased())
    }
}
