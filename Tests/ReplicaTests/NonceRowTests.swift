import Testing

@testable import Replica

@Suite struct NonceRowTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a row holds what a table of nonces would hold`(_ seed: UInt64) throws {
        let entries = try (0..<4 as Range<UInt64>).map {
            Pool.Waiting(transaction: try TestAccounts.transfer(from: 1, nonce: $0))
        }
        var (row, table) = (NonceRow(), [UInt64: Pool.Waiting]())
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<2_000 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            let nonce = random % 5
            var entry = entries[Int(random >> 8 & 3)]
            entry.isReady = random >> 10 & 1 == 1
            switch random >> 16 & 3 {
            case 0, 1:
                row[nonce] = entry
                table[nonce] = entry
            case 2:
                row[nonce]?.isOrdered = true
                table[nonce]?.isOrdered = true
            default:
                let (taken, expected) = (row.remove(nonce), table.removeValue(forKey: nonce))
                #expect(taken?.transaction === expected?.transaction)
            }
            try #require(row.nonces == table.keys.sorted())
            try #require(row.count == table.count && row.isEmpty == table.isEmpty)
            for nonce in 0..<5 as Range<UInt64> {
                let (found, expected) = (row[nonce], table[nonce])
                try #require(found?.transaction === expected?.transaction)
                try #require(found?.isOrdered == expected?.isOrdered)
                try #require(found?.isReady == expected?.isReady)
            }
        }
    }
}
