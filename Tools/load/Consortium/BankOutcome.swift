import Foundation

extension BankRun.Outcome {
    /// The results as a table for people, or one JSON object.
    func text(_ limits: Report.Limits, json: Bool) -> String {
        let rows = rows(limits)
        if json {
            let results = rows.map { "\"\($0.key)\":\(Self.number($0.value))" }
            let limit = [
                "\"recoverPerSecond\":\(Self.number(limits.recoverPerSecond))",
                "\"fdatasyncMilliseconds\":\(Self.number(limits.fdatasyncMilliseconds))",
            ]
            return
                "{\"limits\":{\(limit.joined(separator: ","))},\"results\":{\(results.joined(separator: ","))}}"
        }
        return rows.map { row in
            row.label.padding(toLength: 48, withPad: " ", startingAt: 0)
                + Self.number(row.value).padding(toLength: 12, withPad: " ", startingAt: 0)
                + row.target
        }.joined(separator: "\n")
    }

    private typealias Row = (key: String, label: String, value: Double, target: String)

    private func rows(_ limits: Report.Limits) -> [Row] {
        var rows: [Row] = [
            ("recoverPerSecond", "limit: recoveries/s, all cores", limits.recoverPerSecond, ""),
            (
                "fdatasyncMilliseconds", "limit: 4 KiB append + fdatasync, ms",
                limits.fdatasyncMilliseconds, ""
            ),
            (
                "signedTransfersPerSecond", "signed single transfers/s", signedTransfersPerSecond,
                ""
            ),
            (
                "signedTransfersRatio", "  of the recovery limit",
                signedTransfersPerSecond / limits.recoverPerSecond, "target 0.22"
            ),
            (
                "idlePaymentMilliseconds", "one payment on idle nodes, at the leader, ms",
                Self.median(idleMilliseconds), ""
            ),
            (
                "idlePaymentRatio", "  of append + fdatasync, one after another",
                Self.median(idleMilliseconds) / limits.fdatasyncMilliseconds, ""
            ),
            (
                "idlePaymentRestedRatio", "  of one after the same rest",
                Self.median(idleMilliseconds) / limits.restedFdatasyncMilliseconds, "target 8"
            ),
            (
                "followerPaymentMilliseconds", "one payment on idle nodes, at a follower, ms",
                Self.median(followerIdleMilliseconds), ""
            ),
            (
                "failoverMilliseconds", "leader killed, payment executed, median ms",
                Self.median(failoverMilliseconds), "target 2000"
            ),
            (
                "failoverMaximumMilliseconds", "  longest", failoverMilliseconds.max() ?? 0, ""
            ),
            (
                "handOverMilliseconds", "hand-over, pause between payments, median ms",
                Self.median(handOverMilliseconds), "target 100"
            ),
            (
                "handOverMaximumMilliseconds", "  longest", handOverMilliseconds.max() ?? 0, ""
            ),
        ]
        if let catchUp {
            rows += [
                ("behindBlocks", "blocks that a node was behind", Double(catchUp.blocks), ""),
                ("madeBlocksPerSecond", "  made by the others, blocks/s", catchUp.made, ""),
                ("caughtUpBlocksPerSecond", "  caught up, blocks/s", catchUp.caughtUp, ""),
                (
                    "catchUpRatio", "  times as fast", catchUp.caughtUp / catchUp.made,
                    "target 5"
                ),
            ]
        }
        return rows
    }

    static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    /// Three digits after the point, fewer where they say nothing.
    static func number(_ value: Double) -> String {
        value >= 1_000 ? String(Int(value.rounded())) : String((value * 1000).rounded() / 1000)
    }
}
