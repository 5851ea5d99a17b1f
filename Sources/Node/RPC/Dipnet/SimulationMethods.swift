import Execution
import Gateway
import JSON
import Ledger
import Settlement
import Tokens

/// Dry runs.
extension RPCMethods {
    mutating func addSimulation(_ context: RPCContext) {
        offloaded("dip_simulate") { (request, writer) throws(RPCError) in
            let json = try request.params().need(0, "call")
            guard let list = json.array else {
                let call = try CallParameter(json, "call")
                let results = context.simulate([call])
                return results[0].write(to: &writer)
            }
            guard (1...context.limits.simulatedCalls).contains(list.count) else {
                throw .invalidParams("call: expected 1 to \(context.limits.simulatedCalls) calls")
            }
            var calls: [CallParameter] = []
            for (index, element) in list.enumerated() {
                calls.append(try CallParameter(element, "call[\(index)]"))
            }
            writer.array(of: context.simulate(calls)) { $1.write(to: &$0) }
        }
    }
}

/// What a dry run showed.
private struct SimulationObject {
    let simulation: Simulation
    let gasPrice: UInt128
    let payments: [(payment: Payment, token: Address?)]
    let events: [Event]

    init(_ simulation: Simulation, _ machine: Machine) {
        self.simulation = simulation
        gasPrice = machine.rules.gasPrice
        // What was undone did not happen.
        guard case .success = simulation.result else {
            payments = []
            events = []
            return
        }
        let effects = simulation.effects[...]
        payments = Payment.payments(of: effects) {
            machine.orders.token(of: $0)
        }.map { payment in
            // Worked out, not looked up: a token that the calls created is gone again.
            (payment, payment.token?.address)
        }
        events = EffectLogs.logs(of: effects).compactMap(Event.init)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            let gas = simulation.gasUsed
            var refusal: Refusal?
            var output: [UInt8] = []
            switch simulation.result {
            case .success(let bytes): output = bytes
            case .failure(let rejection): refusal = Refusal(rejection)
            }
            writer.member("ok", bool: refusal == nil)
            writer.member("gas", number: gas)
            writer.member("fee", amount: UInt128(gas).multipliedReportingOverflow(by: gasPrice).0)
            writer.member("feePayer", address: simulation.feePayer)
            if let refusal {
                writer.member("refusal", value: refusal.json)
            } else {
                writer.member("output", data: output)
            }
            writer.key("payments")
            writer.array(of: payments) { $1.payment.write(token: $1.token, to: &$0) }
            writer.key("events")
            writer.array(of: events) { writer, event in
                writer.object { event.write(to: &$0) }
            }
        }
    }
}

extension RPCContext {
    fileprivate func simulate(_ calls: [CallParameter]) -> [SimulationObject] {
        let now = now
        // All of them share the gas that one call may use.
        let share = limits.callGas / UInt64(calls.count)
        return reading { machine in
            let simulated = calls.map { call in
                call.simulated(gasLimit: max(share, 2_000_000))
            }
            return machine.simulate(simulated, now: now).map { SimulationObject($0, machine) }
        }
    }
}
