import Ledger

// The two small files beside the segments: term and vote, and the newest snapshot's marker.

extension HardState {
    static let magic: UInt64 = 0x4449_504e_564f_5431  // "DIPNVOT1"

    func sealed(for owner: LogOwner) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.write(term)
        writer.write(vote?.rawValue ?? 0)
        return LogEnvelope.seal(writer.bytes, magic: Self.magic, version: 1, owner: owner)
    }

    init(sealed bytes: [UInt8], owner: LogOwner, file: String) throws(LogFault) {
        var reader = ByteReader(
            try LogEnvelope.open(
                bytes, magic: Self.magic, length: bytes.count, version: 1, owner: owner, file: file)
        )
        do {
            term = try reader.read()
            let vote: UInt64 = try reader.read()
            self.vote = vote == 0 ? nil : NodeID(vote)
            try reader.finish()
        } catch {
            throw LogFault(.corrupt(error.reason), file: file, operation: "open")
        }
        guard term <= LogLimit.greatest else {
            throw LogFault(.corrupt("no node is in term \(term)"), file: file, operation: "open")
        }
    }
}

extension SnapshotMarker {
    static let magic: UInt64 = 0x4449_504e_534e_4131  // "DIPNSNA1"

    func sealed(for owner: LogOwner) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(point.index)
        writer.write(point.term)
        writer.write(point.membershipIndex)
        writer.write(counted: point.membership.bytes)
        writer.write(counted: application)
        return LogEnvelope.seal(writer.bytes, magic: Self.magic, version: 1, owner: owner)
    }

    init(sealed bytes: [UInt8], owner: LogOwner, file: String) throws(LogFault) {
        var reader = ByteReader(
            try LogEnvelope.open(
                bytes, magic: Self.magic, length: bytes.count, version: 1, owner: owner, file: file)
        )
        do {
            let index: LogIndex = try reader.read()
            let term: Term = try reader.read()
            let membershipIndex: LogIndex = try reader.read()
            let membership = try Membership(Array(try reader.readCounted()))
            application = Array(try reader.readCounted())
            try reader.finish()
            point = SnapshotPoint(
                index: index, term: term, membership: membership, membershipIndex: membershipIndex)
        } catch {
            throw LogFault(.corrupt(error.reason), file: file, operation: "open")
        }
        guard (1...LogLimit.greatest).contains(point.index), point.term <= LogLimit.greatest,
            point.membershipIndex <= point.index
        else {
            throw LogFault(
                .corrupt("no snapshot stands for entry \(point.index) of term \(point.term)"),
                file: file, operation: "open")
        }
    }
}
