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
    /// The cases, in the order of the file; for one that cannot be read, why.
    public let entries: [Result<VectorCase, VectorFileFault>]

    /// All of the cases.
    ///
    /// - Throws: the first ``VectorFileFault``.
    public var cases: [VectorCase] {
        get throws(VectorFileFault) {
            var cases: [VectorCase] = []
            for entry in entries { cases.append(try entry.get()) }
            return cases
        }
    }

    /// Reads a file's contents.
    ///
    /// A case that cannot be read keeps no other one from being read.
    ///
    /// - Throws: ``VectorFileFault`` if there is not one that can be read.
    public init(_ contents: Data) throws(VectorFileFault) {
        let isArray = contents.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "[")
        var parsed: [Readable] = []
        if isArray {
            do { parsed = try JSONDecoder().decode([Readable].self, from: contents) } catch {
                throw VectorFileFault(of: error)
            }
        } else {
            for line in contents.split(separator: UInt8(ascii: "\n")) {
                guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { continue }
                do {
                    parsed.append(try JSONDecoder().decode(Readable.self, from: Data(line)))
                } catch {
                    parsed.append(Readable(entry: .failure(VectorFileFault(of: error))))
                }
            }
        }
        entries = parsed.enumerated().map { index, readable in
            readable.entry.mapError { VectorFileFault(description: "case \(index): \($0)") }
        }
        if let first = entries.first, entries.allSatisfy({ (try? $0.get()) == nil }) {
            _ = try first.get()
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

/// A case as it stands in an array: one that cannot be read does not end the array.
private struct Readable: Decodable {
    let entry: Result<VectorCase, VectorFileFault>

    init(entry: Result<VectorCase, VectorFileFault>) { self.entry = entry }

    init(from decoder: any Decoder) throws {
        entry = Result { try CaseFile(from: decoder).value }.mapError(VectorFileFault.init(of:))
    }
}

extension VectorFileFault {
    fileprivate init(of error: any Error) {
        switch error {
        case let fault as VectorFileFault: self = fault
        case let fault as DecodingError: self.init(description: fault.plain)
        default: self.init(description: "\(error)")
        }
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
