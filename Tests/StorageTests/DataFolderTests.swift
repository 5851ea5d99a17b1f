import Foundation
import TestSupport
import Testing

@testable import Storage

struct DataFolderTests {
    private let temporary = TemporaryFolder()
    private var path: String { temporary.file("deep/er/node") }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test func `a new folder and all in it is for its owner only`() throws {
        let folder = try DataFolder(path: path)
        for part in [path, folder.statePath, folder.historyPath, folder.logPath] {
            #expect(try mode(part) == 0o700)
        }
        #expect(try mode(path + "/node.lock") == 0o600)
    }

    @Test func `a second node is refused with the first one's process id`() throws {
        do {
            let folder = try DataFolder(path: path)
            let fault = #expect(throws: StoreFault.self) { try DataFolder(path: path) }
            #expect(fault?.kind == .locked)
            #expect(fault?.message == "the process with id \(getpid()) is using it")
            #expect(fault?.path == folder.path)
        }
        // The lock ends with its holder.
        _ = try DataFolder(path: path)
    }

    @Test func `what a dead node left behind does not lock anybody out`() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data("99999 and a long tail".utf8).write(to: URL(fileURLWithPath: path + "/node.lock"))
        let folder = try DataFolder(path: path)
        #expect(
            try Files.read(folder.path + "/node.lock", atMost: 99) == Array("\(getpid())\n".utf8))
    }

    @Test func `a file in the folder's place is refused`() throws {
        try Data().write(to: URL(fileURLWithPath: temporary.file("node")))
        let fault = #expect(throws: StoreFault.self) {
            try DataFolder(path: temporary.file("node"))
        }
        #expect(fault?.kind == .denied)
        #expect(throws: StoreFault.self) { try DataFolder(path: temporary.file("node/below")) }
    }

    @Test func `what is known against a ledger is kept, and missed by nobody who cannot read it`()
        throws
    {
        do {
            let folder = try DataFolder(path: path)
            #expect(try folder.divergence() == nil)
            try folder.keep(divergence: "the banks certified another block")
        }
        let folder = try DataFolder(path: path)
        #expect(try folder.divergence() == "the banks certified another block")
        let file = path + "/diverged"
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: file)
        #expect(throws: StoreFault.self) { try folder.divergence() }
    }

    @Test func `the genesis file is kept and replaced as a whole`() throws {
        let folder = try DataFolder(path: path)
        #expect(try folder.genesis() == nil)
        try folder.keep(genesis: [1, 2, 3])
        #expect(try folder.genesis() == [1, 2, 3])
        try folder.keep(genesis: [])
        #expect(try folder.genesis() == [])
        #expect(try mode(folder.genesisPath) == 0o600)
        #expect(!FileManager.default.fileExists(atPath: folder.genesisPath + ".new"))
    }

    @Test func `a file beyond its bound is not read into memory`() throws {
        try Data(count: 100).write(to: URL(fileURLWithPath: temporary.file("large")))
        #expect(throws: StoreFault.self) { try Files.read(temporary.file("large"), atMost: 99) }
        #expect(try Files.read(temporary.file("large"), atMost: 100).count == 100)
    }

    @Test func `too little room is a fault that says how much there is`() throws {
        let folder = try DataFolder(path: path)
        try folder.checkRoom(reserve: 0)
        let fault = #expect(throws: StoreFault.self) { try folder.checkRoom(reserve: .max) }
        #expect(fault?.kind == .diskFull)
        #expect(fault?.message.contains("MiB are free") == true)
    }

    @Test func `a full disk is told from other faults`() {
        #expect(Files.fault("write", "/x", ENOSPC).kind == .diskFull)
        #expect(Files.fault("write", "/x", EDQUOT).kind == .diskFull)
        #expect(Files.fault("write", "/x", EIO).kind == .inputOutput)
        #expect(Files.fault("write", "/x", EMFILE).kind == .inputOutput)
        #expect(Files.fault("write", "/x", ELOOP).kind == .denied)
    }
}
