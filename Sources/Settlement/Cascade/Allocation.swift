import Ledger

/// Who gets what of an order's cash: `docs/settlement-rules.md` §3.
enum Allocation {
    /// Shares the cash of an order out among its lines.
    ///
    /// - Parameters:
    ///   - cash: what came in and did not go back, what was paid already included.
    ///   - lines: the order's lines.
    ///   - tiers: their indices by (tier, index); empty where that is their own order.
    ///   - shares: overwritten with each line's allocation, what was paid already included.
    ///   - looks: counts how often a line was looked at, more than once where some keep what they had.
    /// - Returns: the surplus.
    static func share(
        _ cash: UInt128, among lines: ContiguousArray<Line>, tiers: ContiguousArray<UInt16>,
        into shares: inout ContiguousArray<UInt128>, looks: inout Int
    ) -> UInt128 {
        shares.removeAll(keepingCapacity: true)
        // Nobody gives back what it had; tiers that get nothing stay at that.
        for line in lines { shares.append(line.paid) }
        var left = cash
        var start = 0
        while start < lines.count {
            let tier = lines[at(start, tiers)].tier
            var end = start
            var wanted: UInt128 = 0
            while end < lines.count, lines[at(end, tiers)].tier == tier {
                let line = lines[at(end, tiers)]
                if line.paid == line.live { left -= line.paid } else { wanted += line.live }
                end += 1
            }
            guard wanted <= left else {
                shareProRata(left, start..<end, lines, tiers, wanted, &shares, &looks)
                return 0
            }
            for position in start..<end {
                let index = at(position, tiers)
                shares[index] = lines[index].live
            }
            left -= wanted
            start = end
        }
        return left
    }

    /// Shares what does not cover a tier, and does not take back what was paid.
    private static func shareProRata(
        _ cash: UInt128, _ positions: Range<Int>, _ lines: ContiguousArray<Line>,
        _ tiers: ContiguousArray<UInt16>, _ wanted: UInt128,
        _ shares: inout ContiguousArray<UInt128>, _ looks: inout Int
    ) {
        var pool = positions.map { at($0, tiers) }.filter { lines[$0].paid != lines[$0].live }
        var left = cash
        var wanted = wanted
        while !pool.isEmpty {
            looks += pool.count
            var odd = left
            for index in pool {
                let share = scaled(left, by: lines[index].live, over: wanted)
                shares[index] = share
                odd -= share
            }
            for index in pool.prefix(Int(odd)) { shares[index] += 1 }
            var stay: [Int] = []
            var leaving: UInt128 = 0
            var leavingWanted: UInt128 = 0
            for index in pool {
                if shares[index] < lines[index].paid {
                    shares[index] = lines[index].paid
                    leaving += lines[index].paid
                    leavingWanted += lines[index].live
                } else {
                    stay.append(index)
                }
            }
            if stay.count == pool.count { return }
            left -= leaving
            wanted -= leavingWanted
            pool = stay
        }
    }

    /// ⌊a × b / c⌋ where b ≤ c, so that it has a value.
    @inline(__always)
    private static func scaled(_ a: UInt128, by b: UInt128, over c: UInt128) -> UInt128 {
        if let a = UInt64(exactly: a), let b = UInt64(exactly: b), let c = UInt64(exactly: c) {
            return UInt128(c.dividingFullWidth(a.multipliedFullWidth(by: b)).quotient)
        }
        guard let amount = Amount(a).scaled(by: b, over: c) else {
            preconditionFailure("a share is more than the whole")
        }
        return amount.units
    }

    @inline(__always)
    private static func at(_ position: Int, _ tiers: ContiguousArray<UInt16>) -> Int {
        tiers.isEmpty ? position : Int(tiers[position])
    }
}
