import Foundation

/// What a run found.
struct Report {
    /// What the machine can do, by a C program that calls only the libraries.
    struct Limits: Codable {
        var recoverPerSecond: Double = 0
        var putsPerSecond: Double = 0
        /// Appends one after another.
        var fdatasyncMilliseconds: Double = 0
        /// Appends after a rest such as an idle node has.
        var restedFdatasyncMilliseconds: Double = 0

        /// Takes the middle between these and what was measured of them again after the product: a machine
        /// that others use too is not as fast now as it was a minute ago.
        mutating func average(_ later: Limits) {
            func middle(_ value: inout Double, _ later: Double) {
                if later > 0 { value = (value + later) / 2 }
            }
            middle(&recoverPerSecond, later.recoverPerSecond)
            middle(&putsPerSecond, later.putsPerSecond)
            middle(&fdatasyncMilliseconds, later.fdatasyncMilliseconds)
            middle(&restedFdatasyncMilliseconds, later.restedFdatasyncMilliseconds)
        }
    }

    /// How long transfers take that come at an even pace, so many together.
    struct Paced {
        var group: Int
        /// The rate at which they come, 60 % of the highest with such requests.
        var perSecond: Double
        var milliseconds: Double
        var milliseconds99: Double
    }

    var limits = Limits()
    var signedTransfersPerSecond = 0.0
    var paced: [Paced] = []
    var batchPayoutsPerSecond = 0.0
    var cascadePayoutsPerSecond = 0.0
    var cascadePayouts = 0
    var ordersOpenedPerSecond = 0.0
    var orderOpeningSeconds = 0.0
    var idlePaymentMilliseconds = 0.0
    var idlePayment99Milliseconds = 0.0
    var idlePaymentInTwoMilliseconds = 0.0
    var restartSeconds = 0.0
    var residentBytes = 0

    var signedTransfersRatio: Double { signedTransfersPerSecond / limits.recoverPerSecond }
    var idlePaymentRatio: Double { idlePaymentMilliseconds / limits.fdatasyncMilliseconds }
    var idlePaymentRestedRatio: Double {
        idlePaymentMilliseconds / limits.restedFdatasyncMilliseconds
    }

    mutating func add(_ cascades: Cascades) {
        cascadePayouts = cascades.payouts
        cascadePayoutsPerSecond = Double(cascades.payouts) / cascades.settleSeconds
        ordersOpenedPerSecond = Double(cascades.orders) / cascades.openSeconds
        orderOpeningSeconds = cascades.openSeconds
    }

    /// Kills the node and compares what it has after its next start with what it had acknowledged.
    mutating func checkNothingLost(_ node: NodeProcess) throws {
        let height = try Asker(port: node.port).height()
        let state = try Asker(port: node.port).stateHash(at: height)
        node.kill()
        restartSeconds = try node.start()
        let after = try Asker(port: node.port)
        guard try after.height() >= height, try after.stateHash(at: height) == state else {
            throw LoadFailure("after kill -9 the node lacks what it had acknowledged")
        }
        residentBytes = node.residentBytes
    }

    private var results: [(String, Double)] {
        [
            ("signedTransfersPerSecond", signedTransfersPerSecond.rounded()),
            ("signedTransfersRatio", (signedTransfersRatio * 1000).rounded() / 1000),
            ("batchPayoutsPerSecond", batchPayoutsPerSecond.rounded()),
            ("cascadePayoutsPerSecond", cascadePayoutsPerSecond.rounded()),
            ("cascadePayouts", Double(cascadePayouts)),
            ("ordersOpenedPerSecond", ordersOpenedPerSecond.rounded()),
            ("orderOpeningSeconds", (orderOpeningSeconds * 1000).rounded() / 1000),
            ("idlePaymentMilliseconds", (idlePaymentMilliseconds * 1000).rounded() / 1000),
            ("idlePayment99Milliseconds", (idlePayment99Milliseconds * 1000).rounded() / 1000),
            (
                "idlePaymentInTwoMilliseconds",
                (idlePaymentInTwoMilliseconds * 1000).rounded() / 1000
            ),
            ("idlePaymentRestedRatio", (idlePaymentRestedRatio * 100).rounded() / 100),
            ("idlePaymentRatio", (idlePaymentRatio * 100).rounded() / 100),
            ("restartSeconds", (restartSeconds * 1000).rounded() / 1000),
            ("residentMegabytes", Double(residentBytes >> 20)),
        ] + pacedResults
    }

    private var pacedResults: [(String, Double)] {
        var results: [(String, Double)] = []
        for one in paced {
            let name = "pacedBy\(one.group)Milliseconds"
            results.append(("pacedBy\(one.group)PerSecond", one.perSecond.rounded()))
            results.append((name, (one.milliseconds * 1000).rounded() / 1000))
            results.append((name + "99", (one.milliseconds99 * 1000).rounded() / 1000))
        }
        return results
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    var json: String {
        let limit = [
            ("recoverPerSecond", limits.recoverPerSecond), ("putsPerSecond", limits.putsPerSecond),
            ("fdatasyncMilliseconds", limits.fdatasyncMilliseconds),
            ("restedFdatasyncMilliseconds", limits.restedFdatasyncMilliseconds),
        ]
        func object(_ pairs: [(String, Double)]) -> String {
            "{" + pairs.map { "\"\($0.0)\":\(Self.number($0.1))" }.joined(separator: ",") + "}"
        }
        return #"{"limits":\#(object(limit)),"results":\#(object(results))}"#
    }

    var text: String {
        func row(_ name: String, _ value: String, _ target: String = "") -> String {
            name.padding(toLength: 34, withPad: " ", startingAt: 0)
                + value.padding(toLength: 18, withPad: " ", startingAt: 0) + target
        }
        func whole(_ value: Double) -> String { String(Int(value.rounded())) }
        func fixed(_ value: Double) -> String { String(format: "%.3f", value) }
        return [
            row("limit: recoveries/s, all cores", whole(limits.recoverPerSecond)),
            row("limit: LevelDB puts/s", whole(limits.putsPerSecond)),
            row(
                "limit: 4 KiB append + fdatasync", fixed(limits.fdatasyncMilliseconds) + " ms",
                "after a rest of 2 ms: \(fixed(limits.restedFdatasyncMilliseconds)) ms"),
            row(
                "signed single transfers/s", whole(signedTransfersPerSecond),
                "\(fixed(signedTransfersRatio)) of the recovery limit; target 0.7"),
            paced.map {
                row(
                    "  by \($0.group), at 60 % of the peak", fixed($0.milliseconds) + " ms",
                    "99 %: \(fixed($0.milliseconds99)) ms; target 40 ms; \(whole($0.perSecond))/s")
            }.joined(separator: "\n"),
            row("payouts/s in batches of 1,000", whole(batchPayoutsPerSecond), "target 300000"),
            row(
                "payouts/s by cascade", whole(cascadePayoutsPerSecond),
                "target 200000; \(cascadePayouts) payouts"),
            row(
                "orders opened/s", whole(ordersOpenedPerSecond),
                "\(fixed(orderOpeningSeconds)) s in all"),
            row(
                "one payment on an idle node", fixed(idlePaymentMilliseconds) + " ms",
                "\(fixed(idlePaymentRestedRatio)) x append + fdatasync after the same rest, target 4; \(fixed(idlePaymentRatio)) x one after another; 99 %: \(fixed(idlePayment99Milliseconds)) ms; with two requests \(fixed(idlePaymentInTwoMilliseconds)) ms"
            ),
            row(
                "start after kill -9", fixed(restartSeconds) + " s",
                "\(residentBytes >> 20) MiB in use; target 3 s, 1024 MiB"),
        ].joined(separator: "\n")
    }
}
