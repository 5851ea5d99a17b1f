import Foundation
import Testing

@testable import dip

struct LeftoversTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("dip-leftovers-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
    }

    private func there() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test func `what another audit writes stays when this one ends`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (ours, theirs) = (Leftovers(), Leftovers())
        let path = folder + "/journal.csv"
        let file = try CSVFile(path, header: ["a"], theirs)
        #expect(throws: Failure.self) { _ = try CSVFile(path, header: ["a"], ours) }
        ours.remove()
        #expect(there() == ["journal.csv.new"])
        try file.write(["1"])
        try file.finish()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "a\r\n1\r\n")
        // A later one has the same name until it finds the whole file.
        try "x".write(toFile: path + ".new", atomically: true, encoding: .utf8)
        theirs.remove()
        #expect(there() == ["journal.csv", "journal.csv.new"])
    }

    @Test func `what is not whole goes, once`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let leftovers = Leftovers()
        let file = try CSVFile(folder + "/roles.csv", header: ["a"], leftovers)
        let other = try CSVFile(folder + "/journal.csv", header: ["a"], leftovers)
        file.discard()
        #expect(there() == ["journal.csv.new"])
        try "x".write(toFile: folder + "/roles.csv.new", atomically: true, encoding: .utf8)
        leftovers.remove()
        #expect(there() == ["roles.csv.new"])
        withExtendedLifetime(other) {}
    }
}
