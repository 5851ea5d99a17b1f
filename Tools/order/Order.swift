import ArgumentParser
import Consensus
import Glibc
import Ledger

/// Measures how fast entries are ordered, without the ledger above and without a network below.
///
/// One bank, or several in this process whose messages go through memory as bytes. All logs are on the
/// disk of the folder, and so is the file with which the disk is measured: written in one go, entry by
/// entry, with an fdatasync after each.
@main
struct Order: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "dip-order")

    @Argument(help: "An empty folder on the disk to be measured; what is made in it is removed.")
    var folder: String
    @Option(help: "Bytes of an entry.")
    var size = 1 << 20
    @Option(help: "How many banks order them.")
    var banks = 1
    @Option(help: "How many entries are under way at a time.")
    var depth = 8
    @Option(help: "How long each measurement takes, in seconds.")
    var seconds = 5.0

    func validate() throws {
        guard size >= 1, size <= 64 << 20, (1...9).contains(banks), depth >= 1 else {
            throw ValidationError("sizes are 1 to 64 MiB, banks 1 to 9, the depth at least 1")
        }
    }

    func run() throws {
        let disk = try Disk(path: folder + "/disk").measure(size: size, seconds: seconds)
        let group = try Group(banks: banks, folder: folder)
        defer { group.stop() }
        let ordered = try group.measure(size: size, depth: depth, seconds: seconds)
        print(
            """
            {"banks": \(banks), "entryBytes": \(size), "depth": \(depth), \
            "diskPerSecond": \(disk), "orderedPerSecond": \(ordered.perSecond), \
            "ratio": \((ordered.perSecond / disk * 1_000).rounded() / 1_000), \
            "medianMilliseconds": \(ordered.medianMilliseconds)}
            """)
    }
}

/// Seconds of a clock that never goes back.
func secondsNow() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// What the disk does with one writer and no log.
struct Disk {
    let path: String

    /// How many blocks a second are written and synced, one after the other, into space that was taken
    /// before; as a segment's is.
    func measure(size: Int, seconds: Double) throws -> Double {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw ValidationError("\(path): errno \(errno)") }
        defer {
            close(file)
            unlink(path)
        }
        let block = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let space = max(64 << 20, size * 8)
        var (place, count, spent) = (space, 0, 0.0)
        while spent < seconds {
            if place + size > space {
                guard ftruncate(file, 0) == 0, posix_fallocate(file, 0, off_t(space)) == 0,
                    fsync(file) == 0
                else { throw ValidationError("\(path): errno \(errno)") }
                place = 0
            }
            let start = secondsNow()
            guard pwrite(file, block, size, off_t(place)) == size, fdatasync(file) == 0 else {
                throw ValidationError("\(path): errno \(errno)")
            }
            spent += secondsNow() - start
            place += size
            count += 1
        }
        return (Double(count) / spent * 10).rounded() / 10
    }
}
