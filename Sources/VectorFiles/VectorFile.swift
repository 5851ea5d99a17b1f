import FoundationEssentials
import Ledger
import Settlement

/// Why a file is no file of vectors.
public struct VectorFileFault: Error, Sendable, CustomStringConvertible {
    /// What was wrong, and where.
    public let description: String
}

/// A file of worked cases: a JSON array of them, or one on each line.
public struct VectorFile: Sendable {
    /// The cases, in the order of the file.
    public let cases: [VectorCase]

    /// Reads a file's contents.
    ///
    /// - Throws: ``VectorFileFault`` naming the case and the field.
    public init(_ contents: Data) throws(VectorFileFault) {
        let isArray = contents.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "[")
        var parsed: [CaseFile] = []
        do {
            if isArray {
                parsed = try JSONDecoder().decode([CaseFile].self, from: contents)
            } else {
                for line in contents.split(separator: UInt8(ascii: "\n")) {
                    guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { continue }
                    parsed.append(try JSONDecoder().decode(CaseFile.self, from: Data(line)))
                }
            }
            cases = try parsed.map { try $0.value }
        } catch let fault as VectorFileFault {
            throw fault
        } catch let fault as DecodingError {
            throw VectorFileFault(description: "case \(parsed.count): \(fault.plain)")
        } catch {
            throw VectorFileFault(description: "case \(parsed.count): \(error)")
        }
    }

    /// Reads a file.
    ///
    /// - Throws: ``VectorFileFault``.
    public init(path: String) throws(VectorFileFault) {
        guard let contents = FileManager.default.contents(atPath: path) else {
            throw VectorFileFault(description: "\(path): cannot be read")
        }
        try self.init(contents)
    }
}

extension DecodingError {
    /// What is wrong, and with which member.
    fileprivate var plain: String {
        let (context, missing): (Context, String?) =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context),
                .dataCorrupted(let context):
                (context, nil)
            case .keyNotFound(let key, let context): (context, key.stringValue)
            @unknown default: (Context(codingPath: [], debugDescription: "\(self)"), nil)
            }
        let place = context.codingPath.map(\.stringValue).joined(separator: ".")
        let why = missing.map { "\($0) is missing" } ?? context.debugDescription
        return place.isEmpty ? why : "\(place): \(why)"
    }
}

extension String {
    /// The amount that these decimal digits say.
    var amount: UInt128 {
        get throws(VectorFileFault) {
            guard let amount = Amount(decimal: self) else {
                throw VectorFileFault(description: "\"\(self)\" is no amount below 2^128")
            }
            return amount.units
        }
    }
}
