import ArgumentParser
import Ledger

/// 32 bytes that stand for something outside the ledger: evidence, a reason, a document.
enum Digest {
    /// 64 hexadecimal digits as they are, a text of up to 32 bytes as its bytes, and any other text as
    /// its Keccak-256.
    static func word(_ text: String) -> Hash32 {
        if text.hasPrefix("0x"), let word = Hash32(hex: text) { return word }
        let bytes = Array(text.utf8)
        guard bytes.count <= 32 else { return Keccak256.hash(bytes) }
        return Hash32(bytes + [UInt8](repeating: 0, count: 32 - bytes.count)) ?? .zero
    }

    /// Hexadecimal digits, with the text that they are where it is one.
    static func text(_ hex: String) -> String {
        guard let word = Hash32(hex: hex) else { return hex }
        let bytes = word.bytes.prefix { $0 != 0 }
        let isText =
            bytes.count >= 2 && bytes.allSatisfy { (0x20...0x7e).contains($0) }
            && word.bytes.dropFirst(bytes.count).allSatisfy { $0 == 0 }
        return isText ? "\"\(String(decoding: bytes, as: UTF8.self))\"" : hex
    }

    /// The Keccak-256 of a file's bytes.
    static func ofFile(_ path: String) throws -> Hash32 {
        Keccak256.hash(try Input.bytes(path, atMost: 1 << 30))
    }
}

/// Evidence for what an attestor says.
struct EvidenceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A hash (0x and 64 digits) or a short text that names the evidence.",
            valueName: "text"))
    var evidence: String?

    @Option(
        help: ArgumentHelp(
            "The evidence itself; its Keccak-256 is what goes onto the ledger.",
            valueName: "file"), completion: .file())
    var evidenceFile: String?

    func validate() throws {
        guard evidence == nil || evidenceFile == nil else {
            throw ValidationError("Give --evidence or --evidence-file, not both.")
        }
    }

    /// The 32 bytes; zero where there is none.
    func word() throws -> Hash32 {
        if let evidenceFile { return try Digest.ofFile(evidenceFile) }
        return evidence.map { Digest.word($0) } ?? .zero
    }
}

/// A share as a percentage, such as `80` or `99.5%`, or in basis points, such as `8000bps`.
struct Share: ExpressibleByArgument {
    let bps: UInt16

    init?(argument: String) {
        if argument.hasSuffix("bps") {
            guard let bps = UInt16(argument.dropLast(3)), bps <= 10_000 else { return nil }
            self.bps = bps
            return
        }
        let text = argument.hasSuffix("%") ? argument.dropLast() : argument[...]
        let currency = Currency(address: .zero, symbol: "%", decimals: 2)
        guard let bps = try? currency.amount(String(text)), bps <= 10_000 else { return nil }
        self.bps = UInt16(bps)
    }

    /// As a percentage.
    var text: String { Arguments.percent(bps: UInt64(bps)) }
}
