import JSON
import Ledger
import Settlement

/// The chain of orders below one, as a tree.
///
/// Orders are read one at a time, so that blocks go on meanwhile, however many there are and however large.
struct OrderTree {
    private let context: RPCContext
    /// How many orders may yet be written.
    private var left: Int
    /// The length of the text at which no more orders are written, and at which none is named.
    private var (end, endOfNames) = (0, 0)
    private var seen: Set<UInt64> = []
    private var isTruncated = false

    /// What a child still holds of one line of the order above it.
    private typealias Pledged = (line: Int, units: UInt128)

    /// Over the orders of a node; at most so many are written.
    init(_ context: RPCContext, limit: Int) {
        self.context = context
        left = limit
    }

    /// Writes the tree; false if there is no such order.
    mutating func write(_ id: UInt64, to writer: inout JSONWriter) -> Bool {
        guard let order = context.order(id) else { return false }
        end = writer.count + context.limits.treeBytes
        endOfNames = end + context.limits.treeBytes
        seen.insert(id)
        left -= 1
        writer.object { writer in
            writeContents(of: order, to: &writer)
            if isTruncated { writer.member("truncated", bool: true) }
        }
        return true
    }

    private mutating func writeContents(of order: OrderObject, to writer: inout JSONWriter) {
        order.summary.write(to: &writer)
        writer.key("lines")
        writer.array(of: order.view.lines.indices) { order.writeLine($1, to: &$0) }
        let pledged = Self.pledged(by: order.view)
        writer.key("children")
        writer.openArray()
        // Levels bound the depth: an order is above all that it pays.
        for child in order.view.children {
            // An order has any number of children.
            guard writer.count < endOfNames else {
                isTruncated = true
                break
            }
            write(child, pledged[child] ?? [], to: &writer)
        }
        writer.closeArray()
    }

    /// What each child of an order holds of its lines; all at once, since there may be very many of both.
    private static func pledged(by order: OrderView) -> [UInt64: [Pledged]] {
        var pledged: [UInt64: [Pledged]] = [:]
        for (index, line) in order.lines.enumerated() {
            for claim in line.claims {
                guard let child = claim.holder.orderID else { continue }
                // In place: to copy a list for each line of it would take long.
                if let last = pledged[child]?.last, last.line == index {
                    pledged[child, default: []].removeLast()
                    pledged[child, default: []].append((index, last.units + claim.units))
                } else {
                    pledged[child, default: []].append((index, claim.units))
                }
            }
        }
        return pledged
    }

    private mutating func write(
        _ child: UInt64, _ pledged: [Pledged], to writer: inout JSONWriter
    ) {
        writer.object { writer in
            if seen.contains(child) {
                writer.member("id", number: child)
                writer.member("repeated", bool: true)
            } else if left > 0, writer.count < end, let order = context.order(child) {
                seen.insert(child)
                left -= 1
                writeContents(of: order, to: &writer)
            } else {
                isTruncated = true
                writer.member("id", number: child)
                writer.member("truncated", bool: true)
            }
            writer.key("pledged")
            writer.array(of: pledged) { writer, claim in
                writer.object { writer in
                    writer.member("line", number: claim.line)
                    writer.member("units", amount: claim.units)
                }
            }
        }
    }
}
