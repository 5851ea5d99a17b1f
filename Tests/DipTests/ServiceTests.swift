import Glibc
import Logging
import Testing

@testable import dip

struct ServiceTests {
    @Test(arguments: [
        (Logger.Level.critical, "<2>"), (.error, "<3>"), (.warning, "<4>"), (.notice, "<5>"),
        (.info, "<6>"), (.debug, "<7>"), (.trace, "<7>"),
    ])
    func `a line for the journal begins with how urgent it is`(level: Logger.Level, sign: String) {
        #expect(JournalLog.line(level, "block 7") == sign + "block 7")
    }

    @Test func `no text from elsewhere begins a line of its own in the journal`() {
        let line = JournalLog.line(.notice, "peer says:\n<0>fire", ["b": "2\n", "a": "1"])
        #expect(line == "<5>peer says:\u{fffd}<0>fire a=1 b=2\u{fffd}")
    }

    @Test(arguments: ["file", "abstract"])
    func `what the service manager is told arrives`(kind: String) throws {
        let path = (kind == "file" ? "/tmp/" : "@") + "dipnet-test-\(getpid()).notify"
        let handle = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.replacing("@", with: "\0").utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, socklen_t(2 + name.count))
            }
        }
        try #require(bound == 0)
        defer { unlink(path) }
        #expect(ServiceManager.tell("READY=1\n", at: path))
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = recv(handle, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        #expect(count == 8 && bytes[..<8].elementsEqual("READY=1\n".utf8))
    }

    @Test(arguments: ["", "vsock:2:1", "relative", "/" + String(repeating: "a", count: 200)])
    func `no other address is tried`(path: String) {
        #expect(!ServiceManager.tell("READY=1\n", at: path))
    }
}
