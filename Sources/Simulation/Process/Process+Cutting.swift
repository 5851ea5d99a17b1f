import Consensus
import Execution
import Ledger
import Replica

// What the sequencer's thread does, step by step.
extension Process {
    /// Lets the sequencer look, soon.
    func wakeSequencer() {
        guard !isCutDue else { return }
        isCutDue = true
        schedule(.cut, after: 5 + world.chance.below(50))
    }

    /// Looks whether there is something to cut, and cuts it.
    func cut() throws {
        isCutDue = false
        if let tip = pool.leadFrom {
            cutter.begin(at: tip)
            certifier.takeBackVotes()
            pool.leadFrom = nil
        }
        let now = node.date
        switch pool.cut(nowMillis: now) {
        case .body(let transactions):
            try order(
                cutter.cut(
                    padded(transactions), votes: padded(certifier.takeVotes()),
                    nowMillis: dated(now), versions: pool.versions))
            wakeSequencer()
        case .nothing(let until?):
            guard !isTimerAwaited else { return }
            isTimerAwaited = true
            // The date may be set meanwhile.
            schedule(.awaitTimer, after: min(max(until, now + 1) - now, 500) * 1_000)
        case .nothing(nil): break
        }
    }

    /// Looks again: the time of a timer may have come.
    func awaitTimer() {
        isTimerAwaited = false
        wakeSequencer()
    }

    private func order(_ cut: CutBody) throws {
        world.trace.note(
            "cuts", node.position, cut.body.height, UInt64(cut.transactions.count))
        cutBodies.put(cut)
        let payloads = [nonsense(before: cut.body), cut.body.bytes].compactMap(\.self)
        do {
            let (_, _, actions) = try driver.submit(.command, payloads: payloads, at: node.ticks)
            try perform(actions)
        } catch CoreFault.refused {
            _ = cutBodies.take(height: cut.body.height)
            pool.refused()
            schedule(.leadAgain, after: 20_000)
        } catch let fault as CoreFault {
            try halt("core: \(fault)")
        }
    }

    /// Tries again after a refusal, once everything before is executed.
    func leadAgain() throws {
        guard pool.isRefused else { return }
        guard pool.mayLeadAgain, let id = pool.leader else {
            return schedule(.leadAgain, after: 20_000)
        }
        pool.lead(from: machine.tip, as: id)
        wakeSequencer()
    }
}
