import Files
import GRDB
import Glibc
import Logging
import Testing

@testable import BankDesk

@Suite("Faults of the desk")
struct DeskFaultTests {
    @Test("a fault names the folder")
    func namesFolder() {
        #expect(DeskFault.folderInUse(path: "/desk").description.contains("/desk"))
    }

    @Test("a disk that is full or fails passes, other faults of the desk's own files do not")
    func disks() {
        for (number, passes) in [(ENOSPC, true), (EIO, true), (EROFS, true), (EACCES, false)] {
            #expect(DeskFault(.system("write", "/desk", number)).passes == passes)
        }
    }

    @Test("a journal that another program has, and one without room, are told apart")
    func journals() {
        let busy = #expect(throws: DeskFault.self) {
            try Journal.asking { throw DatabaseError(resultCode: .SQLITE_BUSY) }
        }
        #expect(busy?.passes == true)
        #expect(busy?.description.contains("full") == false)
        for code: ResultCode in [.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN] {
            let full = #expect(throws: DeskFault.self) {
                try Journal.asking { throw DatabaseError(resultCode: code) }
            }
            #expect(full?.passes == true)
            #expect(full?.description.contains("the disk is full") == true)
        }
    }

    @Test("what cannot be opened for want of room is opened when there is some")
    func patience() async throws {
        var tries = 0
        var patience = Patience(Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let value = try await patience.wait(until: { false }) { () throws(DeskFault) in
            tries += 1
            guard tries > 1 else { throw .noRoom("here") }
            return tries
        }
        #expect(value == 2)
        let stopped: Int? = try await patience.wait(until: { true }) { () throws(DeskFault) in
            throw .noRoom("here")
        }
        #expect(stopped == nil)
        await #expect(throws: DeskFault.refused("no")) {
            _ = try await patience.wait(until: { false }) { () throws(DeskFault) in
                throw .refused("no")
            }
        }
    }
}
