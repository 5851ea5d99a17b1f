import Foundation
import Testing

@testable import Files

final class WholeFileTests {
    private let path = FileManager.default.temporaryDirectory
        .appending(path: "whole-\(UUID().uuidString)").path

    deinit { unlink(path) }

    private func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    }

    @Test(arguments: [0, 1, 4094, 4095, 4096, 4097, 100_000])
    func `a file is read to its end, whatever its size`(_ size: Int) throws {
        let content = bytes(size)
        try WholeFile.write(content, to: path, mode: 0o600)
        #expect(try WholeFile.read(path, limit: size) == content)
        #expect(try WholeFile.read(path, limit: size + 1) == content)
        #expect(throws: FileFault.tooLarge(path, limit: size)) {
            try WholeFile.write(self.bytes(size + 1), to: self.path, mode: 0o600, replacing: true)
            _ = try WholeFile.read(self.path, limit: size)
        }
    }

    @Test func `a small file takes no memory for what it might have been`() throws {
        // More than any machine has: taken beforehand, the process would end here.
        let limit = 1 << 52
        try WholeFile.write([1, 2, 3], to: path, mode: 0o600)
        #expect(try WholeFile.read(path, limit: limit) == [1, 2, 3])
    }

    @Test(arguments: [0, 10, 5000, 70_000])
    func `what does not tell its size is read as it comes, and bounded`(_ size: Int) throws {
        #expect(mkfifo(path, 0o600) == 0)
        let content = bytes(size)
        for limit in [size, size - 1, 1 << 52] where limit >= 0 {
            let path = path
            let isWritten = DispatchSemaphore(value: 0)
            // Another reader must not meet the writer before.
            defer { isWritten.wait() }
            Thread.detachNewThread {
                defer { isWritten.signal() }
                signal(SIGPIPE, SIG_IGN)
                FileHandle(forWritingAtPath: path).map { try? $0.write(contentsOf: content) }
            }
            if limit < size {
                #expect(throws: FileFault.tooLarge(path, limit: limit)) {
                    _ = try WholeFile.read(path, limit: limit)
                }
            } else {
                #expect(try WholeFile.read(path, limit: limit) == content)
            }
        }
    }

    @Test func `a folder is refused`() {
        #expect(throws: FileFault.system("read", "/", EISDIR)) { try WholeFile.read("/", limit: 9) }
    }
}
