import Ledger
import Testing

@testable import Settlement

/// The order of claims is who is paid first, so each rule has its own case.
struct ClaimListTests {
    static let a = Address.contract(1)
    static let b = Address.contract(2)
    static let c = Address.contract(3)

    static func list(_ entries: (Address, UInt128)...) -> [Claim] {
        entries.map { Claim(holder: $0.0, units: $0.1) }
    }

    @Test func `what is taken from an entry stands before what is left of it`() {
        let moved = ClaimList.moving(4, from: Self.a, to: Self.c, in: Self.list((Self.a, 10))[...])
        #expect(moved == Self.list((Self.c, 4), (Self.a, 6)))
    }

    @Test func `units are taken from the most junior entries first`() {
        let start = Self.list((Self.a, 5), (Self.b, 3), (Self.a, 4))
        let moved = ClaimList.moving(6, from: Self.a, to: Self.c, in: start[...])
        #expect(moved == Self.list((Self.c, 2), (Self.a, 3), (Self.b, 3), (Self.c, 4)))
    }

    @Test func `neighbours of one holder become one, others never`() {
        let start = Self.list((Self.b, 2), (Self.a, 5), (Self.b, 3), (Self.a, 4))
        let moved = ClaimList.moving(6, from: Self.a, to: Self.b, in: start[...])
        #expect(moved == Self.list((Self.b, 4), (Self.a, 3), (Self.b, 7)))
        let waived = ClaimList.removing(
            3, from: Self.b, in: Self.list((Self.a, 5), (Self.b, 3), (Self.a, 4))[...])
        #expect(waived == Self.list((Self.a, 9)))
    }

    @Test func `a cut begins at the junior end`() {
        let start = Self.list((Self.a, 5), (Self.b, 3), (Self.a, 4))
        let (left, cut) = ClaimList.cutting(5, from: start[...])
        #expect(left == Self.list((Self.a, 5), (Self.b, 2)))
        #expect(cut == Self.list((Self.a, 4), (Self.b, 1)))
    }

    @Test func `an heir stands in the place of the order that closed, a buyer behind everybody`() {
        let start = Self.list((Self.c, 5), (Self.b, 3), (Self.c, 4), (Self.a, 1))
        #expect(
            ClaimList.replacing(Self.c, by: Self.a, in: start[...])
                == Self.list((Self.a, 5), (Self.b, 3), (Self.a, 5)))
        #expect(
            ClaimList.demoting(Self.c, to: Self.a, in: start[...])
                == Self.list((Self.b, 3), (Self.a, 10)))
    }

    @Test func `what stands ahead of a sale is what is not sold before its last unit`() {
        let start = Self.list((Self.a, 5), (Self.b, 3), (Self.a, 4))
        #expect(ClaimList.ahead(of: 4, of: Self.a, in: start[...]) == 8)
        #expect(ClaimList.ahead(of: 3, of: Self.a, in: start[...]) == 8)
        #expect(ClaimList.ahead(of: 6, of: Self.a, in: start[...]) == 6)
        #expect(ClaimList.ahead(of: 9, of: Self.a, in: start[...]) == 3)
        #expect(ClaimList.ahead(of: 2, of: Self.b, in: start[...]) == 5)
    }
}
