import Ledger
import Tokens

extension Order {
    /// What never changes; `docs/formats/order.md`, *Fixed part*.
    var fixedBytes: [UInt8] {
        var writer = ByteWriter(capacity: 160 + 40 * lines.count + 100 * gates.count)
        writer.write(byte: 1)
        writer.write(fixed.token.rawValue)
        writer.write(fixed.buyer)
        writer.write(fixed.proposer)
        writer.write(fixed.arbiter)
        writer.write(fixed.dueAt)
        writer.write(fixed.document)
        writer.write(fixed.template)
        writer.write(UInt16(lines.count))
        for line in lines {
            writer.write(line.tier)
            writer.write(byte: line.gate)
            writer.write(line.payee)
            writer.write(compact: line.amount)
        }
        writer.write(byte: UInt8(gates.count))
        for gate in gates { writer.write(gate.terms) }
        return writer.bytes
    }
}

/// What ``Order/fixedBytes`` says.
struct FixedPart {
    var fixed: Order.Fixed
    var lines: ContiguousArray<Line>
    var gates: ContiguousArray<Gate>

    init(from reader: inout ByteReader) throws(DecodingFault) {
        let version = try reader.read(UInt8.self)
        guard version == 1 else { throw DecodingFault("order of version \(version)") }
        fixed = Order.Fixed(
            token: TokenID(rawValue: try reader.read()), buyer: try reader.readAddress(),
            proposer: try reader.readAddress(), arbiter: try reader.readAddress(),
            dueAt: try reader.read(), document: try reader.readHash(),
            template: try reader.readHash(), price: 0)
        let lineCount = Int(try reader.read(UInt16.self))
        lines = []
        lines.reserveCapacity(min(lineCount, Terms.lineLimit))
        for _ in 0..<lineCount {
            let tier = try reader.read(UInt16.self)
            let gate = try reader.read(UInt8.self)
            let payee = try reader.readAddress()
            let amount = try reader.readCompact()
            lines.append(Line(Terms.Line(tier: tier, payee: payee, amount: amount, gate: gate)))
            fixed.price &+= amount
        }
        gates = []
        for _ in 0..<(try reader.read(UInt8.self)) {
            gates.append(Gate(try reader.readGateTerms()))
        }
    }
}

extension ByteWriter {
    mutating func write(_ gate: Terms.Gate) {
        write(byte: UInt8(gate.attestors.count))
        for attestor in gate.attestors { write(attestor) }
        write(byte: gate.threshold)
        write(gate.notBefore)
        write(gate.deadline)
        write(byte: gate.onTimeout.rawValue)
        write(byte: gate.follows)
        write(byte: gate.silenceMeets ? 1 : 0)
        write(gate.arbitrationPeriod)
    }
}

extension ByteReader {
    mutating func readGateTerms() throws(DecodingFault) -> Terms.Gate {
        var attestors: [Address] = []
        for _ in 0..<(try read(UInt8.self)) { attestors.append(try readAddress()) }
        return Terms.Gate(
            attestors: attestors, threshold: try read(), notBefore: try read(),
            deadline: try read(), onTimeout: try readCase(OnTimeout.self), follows: try read(),
            silenceMeets: try read(UInt8.self) != 0, arbitrationPeriod: try read())
    }
}
