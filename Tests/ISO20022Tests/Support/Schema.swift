import Foundation

/// xmllint, the judge of what is written: it is part of libxml2's utilities.
enum Schema {
    static let tool: String? = ["/usr/bin/xmllint", "/usr/local/bin/xmllint"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static var canValidate: Bool { tool != nil && Samples.exists }

    /// What the official schema has against a message; empty where it is valid.
    static func complaints(_ bytes: [UInt8], _ identifier: String) throws -> String {
        guard let tool, let schema = Samples.schema(identifier) else { return "no schema" }
        let file = FileManager.default.temporaryDirectory
            .appending(path: "message-\(UInt64.random(in: 0 ... .max)).xml")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: tool)
        process.arguments = ["--noout", "--nonet", "--schema", schema, file.path]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? "" : output
    }
}
