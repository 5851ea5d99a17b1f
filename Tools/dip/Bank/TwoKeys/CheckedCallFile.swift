import Files
import JSON
import Ledger

/// Calls on their way from the operator to the checker: a JSON array as `dip bank approve --json` lists them, or one
/// object of it.
enum CheckedCallFile {
    /// The largest file that is read, in bytes: a thousand payments in one call take 200 KB.
    static let byteLimit = 32 << 20

    /// Reads calls.
    ///
    /// - Parameter path: the file; `-` is the standard input.
    /// - Returns: at least one.
    /// - Throws: ``Failure/usage(_:)`` for anything else, also where a hash that is said is not the data's.
    static func read(_ path: String) throws -> [CheckedCall] {
        let bytes = try Input.bytes(path, atMost: byteLimit)
        let json: JSON
        do { json = try JSON(parsing: bytes, limits: .trustedFile) } catch {
            throw Failure.usage("\(path): \(error)")
        }
        let calls = try (json.array ?? [json]).map { element in
            guard let data = element["data"]?.data else {
                throw Failure.usage("\(path): a call has no \"data\": 0x and hexadecimal digits")
            }
            if let to = element["to"], to.address != .banks {
                throw Failure.usage(
                    "\(path): a call is to \(Output.clean(to.plain, atMost: 80)), not to the banks' contract"
                )
            }
            let call = try CheckedCall(data)
            if let hash = element["hash"], hash.string.flatMap({ Hash32(hex: $0) }) != call.hash {
                throw Failure.usage(
                    "\(path): \(Output.clean(hash.plain, atMost: 80)) is not the hash of what the call says, "
                        + "which is \(call.hash.hex)")
            }
            return call
        }
        guard !calls.isEmpty else { throw Failure.usage("\(path): there is no call in it") }
        return calls
    }

    /// Writes a call; one that is there already is replaced.
    static func write(_ call: CheckedCall, _ what: String, to path: String) throws {
        try WholeFile.write(
            Array((Output.pretty(.array([call.json(what)])) + "\n").utf8), to: path, mode: 0o600,
            replacing: true)
    }
}
