import Foundation
import Ledger

/// What a consortium of banks on one machine does: ``Run`` against its leader, then its faults.
struct BankRun {
    let options: Load
    let banks: BankProcesses

    /// What was measured of a consortium.
    struct Outcome {
        var signedTransfersPerSecond = 0.0
        var idleMilliseconds: [Double] = []
        var followerIdleMilliseconds: [Double] = []
        var failoverMilliseconds: [Double] = []
        var handOverMilliseconds: [Double] = []
        var catchUp: CatchUpRate?
    }

    /// How fast a node caught up, and how fast the others had made what it lacked.
    struct CatchUpRate {
        var blocks: UInt64
        var made: Double
        var caughtUp: Double
    }

    func measure(_ note: (String) -> Void) throws -> Outcome {
        var outcome = Outcome()
        var run = Run(options, node: banks.nodes[try banks.leader()])
        note("making \(options.accounts) accounts")
        try run.prepare()
        try banks.settle()

        let singles = options.quick ? 20_000 : 100_000
        note("\(singles) signed single transfers")
        outcome.signedTransfersPerSecond = Double(singles) / (try run.singles(singles))
        try banks.settle()

        note("single payments on idle nodes")
        outcome.idleMilliseconds = try run.idle(options.quick ? 100 : 300)
        let follower = (try banks.leader() + 1) % banks.nodes.count
        var other = run
        other.node = banks.nodes[follower]
        outcome.followerIdleMilliseconds = try other.idle(options.quick ? 100 : 300)
        run.operatorNonce = other.operatorNonce

        note("killing leaders")
        for _ in 0..<(options.quick ? 3 : 15) {
            outcome.failoverMilliseconds.append(try failOver(&run))
        }
        note("handing over")
        for _ in 0..<(options.quick ? 3 : 10) {
            outcome.handOverMilliseconds.append(try handOver(&run))
        }
        note("catching up")
        outcome.catchUp = try catchUp(&run, blocks: options.behind)
        return outcome
    }

    /// Kills the leader and pays at a node that is left; milliseconds until the payment is executed.
    private func failOver(_ run: inout Run) throws -> Double {
        let leader = try banks.leader()
        let survivor = banks.nodes[(leader + 1) % banks.nodes.count]
        let raw = run.operatorPayment()
        let begin = now()
        banks.nodes[leader].kill()
        let socket = try Connection(port: survivor.port)
        try Submitter.pay(raw, socket)
        let taken = (now() - begin) * 1000
        try banks.nodes[leader].start()
        try banks.settle()
        return taken
    }

    /// Hands leadership over while payments flow; the longest time between two of them, less the usual.
    private func handOver(_ run: inout Run) throws -> Double {
        let leader = try banks.leader()
        let follower = banks.nodes[(leader + 1) % banks.nodes.count]
        let socket = try Connection(port: follower.port)
        let admin = banks.nodes[leader].folder
        let transfer = Process()
        transfer.executableURL = URL(fileURLWithPath: options.dip)
        transfer.arguments = ["consortium", "transfer", "--node", admin + "/data/admin.sock"]
        transfer.standardOutput = FileHandle.nullDevice
        var gaps: [Double] = []
        var last = now()
        for place in 0..<400 {
            try Submitter.pay(run.operatorPayment(), socket)
            gaps.append((now() - last) * 1000)
            last = now()
            if place == 50 { try transfer.run() }
        }
        transfer.waitUntilExit()
        let status = transfer.terminationStatus
        guard try status == 0 && banks.leader() != leader else {
            throw LoadFailure(
                "dip consortium transfer ended with \(status) and bank \(leader) still leads")
        }
        let sorted = gaps.sorted()
        return sorted[sorted.count - 1] - sorted[sorted.count / 2]
    }

    /// Stops a follower, makes blocks without it, and starts it again.
    private func catchUp(_ run: inout Run, blocks: Int) throws -> CatchUpRate {
        let leader = try banks.leader()
        let away = banks.nodes[(leader + 1) % banks.nodes.count]
        away.stop()
        let node = banks.nodes[leader]
        let from = try Asker(port: node.port).height()
        let begin = now()
        let socket = try Connection(port: node.port)
        while try Asker(socket: socket).height() < from + UInt64(blocks) {
            for _ in 0..<200 { try Submitter.pay(run.operatorPayment(), socket) }
        }
        let target = try Asker(port: node.port).height()
        let made = Double(target - from) / (now() - begin)
        try away.start()
        let start = now()
        let height = try Asker(port: away.port).height()
        while try Asker(port: away.port).height() < target { usleep(2_000) }
        let rate = Double(target - height) / (now() - start)
        return CatchUpRate(blocks: target - height, made: made, caughtUp: rate)
    }
}
