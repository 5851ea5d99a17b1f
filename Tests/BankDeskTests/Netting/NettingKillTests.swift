import Foundation
import Ledger
import Synchronization
import Testing

@testable import BankDesk

/// Desks that are killed at every place of netting: all is done, and done once.
@Suite struct NettingKillTests {
    private static let places =
        FaultPoint.betweenBanks.sorted { $0.rawValue < $1.rawValue } + [
            .instructSigned, .instructSent, .instructCarriedOut, .instructRecorded,
            .settleSigned, .settleSent, .settleCarriedOut, .settleRecorded,
            .messageJournaled, .messageRead, .eventsFollowed,
        ]

    private static func play(
        _ clearing: Clearing, answer code: String, _ work: (Clearing) async throws -> Void
    ) async throws {
        clearing.give(0, 1, 70)
        clearing.give(1, 0, 100)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        try await work(clearing)
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        try await work(clearing)
        let pair = try clearing.pair(0, 1)
        try clearing.answer(0, pair, code, reason: code == "RJCT" ? "AM04" : nil)
        if code != "RJCT" { try clearing.book(1, pair, "0.30", isCredit: true) }
        try await work(clearing)
    }

    private static func kill(
        at point: FaultPoint, answer code: String
    ) async throws -> (Clearing, isReached: Bool) {
        let clearing = try Clearing(2)
        let reached = Mutex(0)
        for bank in clearing.banks {
            let isDone = Mutex(false)
            bank.points = FaultPoints { place throws(DeskFault) in
                guard place == point, !isDone.withLock({ $0 }) else { return }
                isDone.withLock { $0 = true }
                reached.withLock { $0 += 1 }
                throw .stopped(place)
            }
        }
        try await play(clearing, answer: code) { clearing in
            // Each start goes on where the one before was killed.
            for _ in 0..<6 {
                for number in clearing.banks.indices {
                    for _ in 0..<4 {
                        do {
                            try await clearing.work(number)
                            break
                        } catch DeskFault.stopped {}
                    }
                }
            }
        }
        return (clearing, reached.withLock { $0 } > 0)
    }

    @Test(arguments: places)
    func `killed at any place, a pair is paid once and settled`(_ point: FaultPoint) async throws {
        let calm = try Clearing(2)
        try await Self.play(calm, answer: "ACSC") { try await $0.work() }
        let (clearing, isReached) = try await Self.kill(at: point, answer: "ACSC")
        #expect(isReached, "\(point.rawValue) is never come to")
        #expect(try clearing.states(0) == [.settled] && clearing.states(1) == [.settled])
        #expect(clearing.ledger.contents.redemptions.map(\.state) == [.settled, .settled])
        #expect(clearing.ledger.contents.done.sorted() == calm.ledger.contents.done.sorted())
        let (files, calmly) = (try clearing.outbox(0), try calm.outbox(0))
        #expect(files.count == 1 && files == calmly)
        #expect(try clearing.outbox(1).isEmpty)
        for bank in clearing.banks { #expect(try bank.journal().cases().isEmpty) }
    }

    @Test(arguments: [
        FaultPoint.netMatched, .netDecided, .rejectSigned, .rejectSent, .rejectCarriedOut,
        .rejectRecorded,
    ])
    func `killed at any place, a pair is unwound once`(_ point: FaultPoint) async throws {
        let (clearing, isReached) = try await Self.kill(at: point, answer: "RJCT")
        #expect(isReached, "\(point.rawValue) is never come to")
        #expect(try clearing.states(0) == [.unwound] && clearing.states(1) == [.unwound])
        #expect(clearing.inHand(0, 1) == 70 && clearing.inHand(1, 0) == 100)
        #expect(clearing.ledger.contents.done.count == 6)
    }
}
