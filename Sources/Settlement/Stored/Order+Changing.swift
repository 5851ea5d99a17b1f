import Ledger
import Tokens

/// Bits of the byte before the optional parts of an order.
private struct HeadFlags: OptionSet {
    let rawValue: UInt8
    static let guarantor = HeadFlags(rawValue: 1)
    static let reimbursement = HeadFlags(rawValue: 2)
}

/// Bits of the byte before a line.
private struct LineFlags: OptionSet {
    let rawValue: UInt8
    static let voided = LineFlags(rawValue: 1)
    static let paid = LineFlags(rawValue: 2)
    /// The payee holds all that is unpaid, or nothing is.
    static let plain = LineFlags(rawValue: 4)
    /// The claims are an object of their own.
    static let apart = LineFlags(rawValue: 8)
}

extension Order {
    /// What changes; `docs/formats/order.md`, *Changing part*.
    var changingBytes: [UInt8] {
        var writer = ByteWriter(
            capacity: 96 + 48 * lines.count + 24 * gates.count + 10 * sources.elements.count
                + 8 * children.elements.count)
        writer.write(byte: 1)
        writer.write(byte: head.status.rawValue)
        writer.write(head.level)
        writer.write(head.openedAt)
        writer.write(compact: head.funded)
        writer.write(compact: head.refunded)
        var flags: HeadFlags = []
        if head.guarantor != .zero { flags.insert(.guarantor) }
        if head.reimbursement != 0 { flags.insert(.reimbursement) }
        writer.write(byte: flags.rawValue)
        if flags.contains(.guarantor) {
            writer.write(head.guarantor)
            writer.write(compact: head.guarantee)
        }
        if flags.contains(.reimbursement) { writer.write(head.reimbursement) }
        for index in lines.indices { Self.write(lines[index], to: &writer) }
        for gate in gates { writer.write(changing: gate) }
        writer.write(UInt32(sources.elements.count))
        for source in sources.elements {
            writer.write(source.order)
            writer.write(source.line)
        }
        writer.write(UInt32(children.elements.count))
        for child in children.elements { writer.write(child) }
        return writer.bytes
    }

    private static func write(_ line: Line, to writer: inout ByteWriter) {
        let open = line.open
        var flags: LineFlags = []
        if line.voided > 0 { flags.insert(.voided) }
        if line.paid > 0 { flags.insert(.paid) }
        if open.isEmpty || (open.count == 1 && open[line.front].holder == line.payee) {
            flags.insert(.plain)
        } else if line.areClaimsApart {
            flags.insert(.apart)
        }
        writer.write(byte: flags.rawValue)
        if line.voided > 0 { writer.write(compact: line.voided) }
        if line.paid > 0 { writer.write(compact: line.paid) }
        if flags.isDisjoint(with: [.plain, .apart]) {
            writer.write(byte: UInt8(open.count))
            for claim in open { writer.write(claim) }
        }
    }

    /// How much of a stored order is read.
    enum Extent {
        /// All of it, unless it has more than so many parts.
        case whole(atMost: Int)
        /// Neither claims that are objects of their own nor sources and children: as much as was agreed when it was
        /// opened, whatever others made of it, and not to be kept.
        case glance
    }

    /// Reads an order as it was written; nil as soon as there are more parts than the extent allows.
    ///
    /// - Parameters:
    ///   - id: its id.
    ///   - fixed: ``fixedBytes``.
    ///   - changing: ``changingBytes``.
    ///   - extent: how much of it is to be read.
    ///   - claims: gives the object with the claims of a line, asked only where there is one.
    /// - Throws: a ``DecodingFault`` where the bytes are of another form.
    convenience init?(
        id: UInt64, fixed: [UInt8], changing: [UInt8], extent: Extent = .whole(atMost: .max),
        claims: (UInt16) -> [UInt8]?
    ) throws(DecodingFault) {
        var reader = ByteReader(fixed)
        var part = try FixedPart(from: &reader)
        try reader.finish()
        reader = ByteReader(changing)
        guard try reader.read(UInt8.self) == 1 else { throw DecodingFault("order's version") }
        var head = Head(
            status: try reader.readCase(OrderStatus.self), level: try reader.read(),
            openedAt: try reader.read(), live: 0, unpaid: 0)
        head.funded = try reader.readCompact()
        head.refunded = try reader.readCompact()
        let flags = HeadFlags(rawValue: try reader.read())
        if flags.contains(.guarantor) {
            head.guarantor = try reader.readAddress()
            head.guarantee = try reader.readCompact()
        }
        if flags.contains(.reimbursement) { head.reimbursement = try reader.read() }
        var (most, isGlance) = (Int.max, true)
        if case .whole(let parts) = extent { (most, isGlance) = (parts, false) }
        var parts = part.lines.count + part.gates.count
        for gate in part.gates { parts += gate.terms.attestors.count }
        for index in part.lines.indices {
            try Self.read(
                &part.lines[index], from: &reader,
                claims: { isGlance ? [0, 0] : claims(UInt16(index)) })
            parts += part.lines[index].claims.count
            guard parts <= most else { return nil }
            head.live += part.lines[index].live
            head.unpaid += part.lines[index].unpaid
        }
        for index in part.gates.indices {
            try reader.read(changing: &part.gates[index])
            let follows = Int(part.gates[index].terms.follows)
            if follows > 0, part.gates[follows - 1].state == .met {
                part.gates[index].reach(at: part.gates[follows - 1].closedAt)
            }
        }
        self.init(id: id, fixed: part.fixed, head: head, lines: part.lines, gates: part.gates)
        if !isGlance {
            let sourceCount = Int(try reader.read(UInt32.self))
            guard sourceCount <= most - parts else { return nil }
            for _ in 0..<sourceCount {
                sources.append(stored: Source(order: try reader.read(), line: try reader.read()))
            }
            let childCount = Int(try reader.read(UInt32.self))
            guard childCount <= most - parts - sourceCount else { return nil }
            for _ in 0..<childCount { children.append(stored: try reader.read()) }
            try reader.finish()
        }
        self.head.timer = nextTimer
        timerStored = self.head.timer
        isStored = true
    }

    private static func read(
        _ line: inout Line, from reader: inout ByteReader, claims: () -> [UInt8]?
    ) throws(DecodingFault) {
        let flags = LineFlags(rawValue: try reader.read())
        if flags.contains(.voided) { line.voided = try reader.readCompact() }
        if flags.contains(.paid) { line.paid = try reader.readCompact() }
        line.claims.removeAll()
        if flags.contains(.plain) {
            if line.unpaid > 0 { line.claims = [Claim(holder: line.payee, units: line.unpaid)] }
        } else if flags.contains(.apart) {
            guard let bytes = claims() else { throw DecodingFault("claims are missing") }
            var apart = ByteReader(bytes)
            line.claims = try apart.readClaimsApart()
            try apart.finish()
            line.areClaimsApart = true
        } else {
            for _ in 0..<(try reader.read(UInt8.self)) {
                line.claims.append(try reader.readClaim())
            }
        }
    }
}

extension ByteWriter {
    /// An order as holder is a 1 and its id, an account a 0 and its address; then the units.
    mutating func write(_ claim: Claim) {
        if let order = claim.holder.orderID {
            write(byte: 1)
            write(order)
        } else {
            write(byte: 0)
            write(claim.holder)
        }
        write(compact: claim.units)
    }

    fileprivate mutating func write(changing gate: Gate) {
        write(byte: gate.state.rawValue)
        write(gate.bps)
        write(gate.arbitrationEndsAt)
        write(gate.closedAt)
        write(byte: UInt8(gate.said.count))
        for statement in gate.said {
            write(byte: statement.attestor)
            write(statement.bps)
        }
    }
}

extension ByteReader {
    /// Reads the claims of a line that are an object of their own.
    mutating func readClaimsApart() throws(DecodingFault) -> [Claim] {
        let count = Int(try read(UInt16.self))
        var claims: [Claim] = []
        claims.reserveCapacity(min(count, ClaimList.limit))
        for _ in 0..<count { claims.append(try readClaim()) }
        return claims
    }

    mutating func readClaim() throws(DecodingFault) -> Claim {
        let isOrder = try read(UInt8.self) == 1
        let holder = isOrder ? Address.order(try read()) : try readAddress()
        return Claim(holder: holder, units: try readCompact())
    }

    fileprivate mutating func read(changing gate: inout Gate) throws(DecodingFault) {
        gate.state = try readCase(GateState.self)
        gate.bps = try read()
        gate.arbitrationEndsAt = try read()
        gate.closedAt = try read()
        for _ in 0..<(try read(UInt8.self)) {
            gate.said.append(Gate.Statement(attestor: try read(), bps: try read()))
        }
    }
}
