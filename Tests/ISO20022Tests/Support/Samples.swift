import Foundation
import ISO20022

/// Messages of real banks and of other projects, which lie beside the repository and are not part of it.
enum Samples {
    /// The folder with `samples` and `xsd`, or nil where it is not there.
    static let folder: URL? = {
        let url = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        for base in [url, URL(filePath: FileManager.default.currentDirectoryPath)] {
            let folder = base.deletingLastPathComponent().appending(path: "shared/data/iso20022")
            if FileManager.default.fileExists(atPath: folder.path) { return folder }
        }
        return nil
    }()

    static var exists: Bool { folder != nil }

    static func bytes(_ name: String) throws -> [UInt8] {
        guard let folder else { return [] }
        return Array(try Data(contentsOf: folder.appending(path: "samples/\(name)")))
    }

    static func schema(_ identifier: String) -> String? {
        let path = folder?.appending(path: "xsd/\(identifier).xsd").path
        return path.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    }
}

/// All parts of a message.
func parts(
    _ bytes: [UInt8], limits: MessageLimits = MessageLimits()
) throws(MessageFault) -> [MessagePart] {
    var reader = try MessageReader(bytes: bytes, limits: limits)
    var parts: [MessagePart] = []
    while let part = try reader.next() { parts.append(part) }
    return parts
}

/// All parts of a message.
func parts(
    _ text: String, limits: MessageLimits = MessageLimits()
) throws(MessageFault) -> [MessagePart] {
    try parts(Array(text.utf8), limits: limits)
}

/// The fault of a message, or nil where it is read.
func fault(_ bytes: [UInt8], limits: MessageLimits = MessageLimits()) -> MessageFault? {
    do throws(MessageFault) {
        _ = try parts(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

/// The fault of a message, or nil where it is read.
func fault(_ text: String, limits: MessageLimits = MessageLimits()) -> MessageFault? {
    fault(Array(text.utf8), limits: limits)
}
