import CRaft
import Glibc

extension CRaftCore {
    /// Checks that the library is one whose behaviour and memory rules are known.
    ///
    /// The header says what was compiled against. The library itself exports no version, so what is
    /// loaded is known by its deeds: it has a step core, and a core of one voter leads at once.
    static func checkLibrary() throws(CoreFault) {
        if let fault = libraryFault { throw fault }
    }

    private static let libraryFault: CoreFault? = {
        let wanted = "C-Raft 0.22.1 or a later 0.22"
        let header = [RAFT_VERSION_MAJOR, RAFT_VERSION_MINOR, RAFT_VERSION_RELEASE]
        guard header.starts(with: [0, 22]), header[2] >= 1 else {
            let version = header.map(String.init).joined(separator: ".")
            return .library(found: "the header of C-Raft \(version)", wanted: wanted)
        }
        guard dlsym(nil, "raft_step") != nil else {
            return .library(found: "a libraft without raft_step (0.15, say)", wanted: wanted)
        }
        if let symbol = dlsym(nil, "raft_version_number") {
            typealias Version = @convention(c) () -> Int32
            let number = unsafeBitCast(symbol, to: Version.self)()
            guard number / 100 == 22 else {
                return .library(found: "libraft with version number \(number)", wanted: wanted)
            }
        }
        return probe() ? nil : .library(found: "a libraft that steps differently", wanted: wanted)
    }()

    /// Whether a core of one voter leads at once and counts its entry as committed.
    private static func probe() -> Bool {
        // Room to spare, should the library believe in a larger structure than the header's.
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<raft>.size + 4_096, alignment: 64)
        defer { memory.deallocate() }
        memset(memory, 0, MemoryLayout<raft>.size + 4_096)
        let core = memory.assumingMemoryBound(to: raft.self)
        guard raft_init(core, nil, nil, 1, "1") == 0 else { return false }
        defer { raft_close(core, nil) }
        var configuration = raft_configuration()
        raft_configuration_init(&configuration)
        defer { raft_configuration_close(&configuration) }
        var buffer = raft_buffer()
        guard raft_configuration_add(&configuration, 1, "1", Int32(RAFT_VOTER)) == 0,
            raft_configuration_encode(&configuration, &buffer) == 0
        else { return false }
        defer { raft_free(buffer.base) }
        var entry = raft_entry(term: 1, type: RAFT_CHANGE, buf: buffer, batch: buffer.base)
        let started = withUnsafeMutablePointer(to: &entry) { pointer in
            var event = raft_event()
            event.type = RAFT_START
            event.start.term = 1
            event.start.start_index = 1
            event.start.entries = pointer
            event.start.n_entries = 1
            var update = raft_update()
            return raft_step(core, &event, &update) == 0
        }
        return started && raft_state(core) == RAFT_LEADER && raft_commit_index(core) == 1
    }
}
