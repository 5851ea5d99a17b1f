import Ledger
import Tokens

extension OrderBook {
    /// Writes an order that changed into the state.
    func write(_ order: Order) {
        if !order.isStored {
            state.setObject(OrderKey.fixed(order.id), order.fixedBytes)
            order.isStored = true
        }
        retime(order)
        if order.timerStored != order.head.timer {
            if let old = order.timerStored { state.setObject(OrderKey.timer(old), nil) }
            if let new = order.head.timer { state.setObject(OrderKey.timer(new), OrderKey.present) }
            order.timerStored = order.head.timer
        }
        for index in order.lines.indices where order.lines[index].areClaimsChanged {
            write(claimsOf: order, line: index)
        }
        state.setObject(OrderKey.changing(order.id), order.changingBytes)
    }

    /// Lines with many holders have their claims in an object of their own, so that changing one line does
    /// not write all of them.
    private func write(claimsOf order: Order, line index: Int) {
        order.lines[index].areClaimsChanged = false
        let count = order.lines[index].claims.count - order.lines[index].front
        guard count > Line.claimsInline || order.lines[index].areClaimsApart else { return }
        let open = order.lines[index].open
        let key = OrderKey.claims(order.id, UInt16(index))
        if count > Line.claimsInline {
            var writer = ByteWriter(capacity: 40 * open.count)
            writer.write(UInt16(open.count))
            for claim in open { writer.write(claim) }
            state.setObject(key, writer.bytes)
            order.lines[index].areClaimsApart = true
        } else {
            state.setObject(key, nil)
            order.lines[index].areClaimsApart = false
        }
        // What was paid is history; here is the place to forget it.
        order.lines[index].claims = Array(open)
        order.lines[index].front = 0
    }
}

extension OrderBook.Counters {
    /// `docs/formats/order.md`, *Counters*.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 32)
        writer.write(orders)
        writer.write(offers)
        writer.write(queueStart)
        writer.write(queueEnd)
        return writer.bytes
    }

    init(from reader: inout ByteReader) throws(DecodingFault) {
        orders = try reader.read()
        offers = try reader.read()
        queueStart = try reader.read()
        queueEnd = try reader.read()
    }
}
