import Foundation

/// Files that come with the program.
enum ShippedFile {
    /// Where a file is: in a folder around the one where the program is run, or where it was built.
    static func path(_ name: String) throws -> String {
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        for start in [FileManager.default.currentDirectoryPath, program] {
            var folder = start[...]
            while let slash = folder.lastIndex(of: "/") {
                let candidate = "\(folder)/\(name)"
                if FileManager.default.fileExists(atPath: candidate) { return candidate }
                folder = folder[..<slash]
            }
        }
        throw Failure.usage("\(name) is not here: run it where it is, or name another")
    }
}
