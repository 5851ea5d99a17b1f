import Execution
import Gateway
import JSON
import Ledger
import Signing

/// Tries, signs and sends a transaction, and tells what came of it.
struct Sender {
    let session: Session
    let options: SendingOptions
    let signer: Signer

    // MARK: Trying

    /// Tells what a transaction would do.
    func tell(_ plan: Plan) async throws {
        let trial = try await simulate(plan.call)
        if session.isJSON {
            Output.json(.object([.init("dryRun", true)] + (trial.object ?? [])))
        } else if trial["ok"]?.bool == true {
            Output.line("Would \(plan.what).")
            let narrator = Narrator(session)
            let events = trial["events"]?.elements ?? []
            try await narrator.tell(events: events.filter { !Narrator.isPayment($0) })
            try await narrator.tell(payments: trial["payments"]?.elements ?? [])
            Output.line(cost(trial))
            Output.line("Nothing was sent.")
        } else {
            Output.line("Would not \(plan.what): the ledger would refuse it.")
            Output.line((await refusal(trial, plan)).description)
            Output.line("Nothing was sent.")
        }
        if trial["ok"]?.bool != true { throw ExitCodeOnly(status: 1) }
    }

    private func simulate(_ call: ContractCall) async throws -> JSON {
        let trial = try await session.call("dip_simulate", call.json(from: signer.address))
        guard trial["ok"]?.bool != nil else { throw session.strange("dip_simulate", trial) }
        return trial
    }

    private func refusal(_ answer: JSON, _ plan: Plan) async -> Refusal {
        Refusal(answer["refusal"] ?? .null).told(session.names, await currency(of: plan.call))
    }

    /// The token in which a call counts: the one it calls, or that of the order which it names first.
    private func currency(of call: ContractCall) async -> Currency? {
        if call.data.isEmpty || call.to == .dip { return .dip }
        // Only words depend on it, so that a failure here must not hide the refusal.
        guard call.to.isNativeContract else { return try? await session.currency(call.to) }
        if call.to == .banks { return await depositToken(of: call) }
        guard call.to == .orders || call.to == .claims,
            let word = Hash32(call.data.dropFirst(4).prefix(32)), let number = word.number,
            let id = UInt64(exactly: number)
        else { return nil }
        return try? await session.currencyIfKnown(ofOrder: id)
    }

    /// The token that a call of the banks' contract names first; nil where it names none.
    private func depositToken(of call: ContractCall) async -> Currency? {
        var reader = ABIReader(call.data.dropFirst(4))
        guard let token = try? reader.address(), token != .zero else { return nil }
        return try? await session.currency(token)
    }

    private func cost(_ trial: JSON) -> String {
        var text = "Fee: \(Currency.dip.text(trial["fee"])), \(trial["gas"]?.plain ?? "?") gas"
        if let payer = trial["feePayer"]?.address, payer != signer.address {
            text += ", paid by \(session.names.text(payer))"
        }
        return text
    }

    // MARK: Sending

    /// Signs and sends a transaction, waits for what comes of it, and tells it.
    func send(_ plan: Plan) async throws {
        let (hash, receipt) = try await carryOut(plan)
        guard let receipt else {
            return session.show(["ok": true, "transaction": .string(hash)]) { Output.line(hash) }
        }
        try await report(receipt, plan, hash)
    }

    /// Signs and sends a transaction, and waits for what comes of it unless nothing is to be waited for.
    func carryOut(_ plan: Plan) async throws -> (hash: String, receipt: JSON?) {
        let chainID = try await session.chainID()
        try signer.check(chainID: chainID)
        try session.names.check(chainID: chainID)
        let gas = try await gasLimit(plan)
        let key = try signer.unlock()
        // Asked for last, since a person may have taken minutes over the password.
        let nonce: UInt64
        if let given = options.nonce {
            nonce = given
        } else {
            nonce = UInt64(
                clamping: try await session.number(
                    "eth_getTransactionCount", .string(signer.address.hex), "pending"))
        }
        let price = try await session.number("eth_gasPrice")
        let transaction = Transaction(
            chainID: chainID, nonce: nonce, maxFeePerGas: price, gasLimit: gas, to: plan.call.to,
            value: plan.call.value, data: plan.call.data)
        let raw = try await transaction.sign(with: key)
        let hash = Keccak256.hash(raw).hex
        let end = Failure.tellWhenInterrupted(sent: hash, asJSON: session.isJSON)
        defer { end() }
        try await submit(raw, hash)
        Output.noteSent(hash)
        guard options.wait != .none else { return (hash, Optional.none) }
        return (hash, try await receipt(hash))
    }

    /// As ``carryOut(_:)``, but a transaction that was refused is a failure.
    ///
    /// - Returns: what the call returned.
    func demand(_ plan: Plan) async throws -> [UInt8] {
        try await demanding(plan).receipt?["output"]?.data ?? []
    }

    /// As ``carryOut(_:)``, but a transaction that was refused is a failure.
    func demanding(_ plan: Plan) async throws -> (hash: String, receipt: JSON?) {
        let (hash, receipt) = try await carryOut(plan)
        if let receipt, receipt["status"]?.whole != 1 {
            throw Failure.reverted(await refusal(receipt, plan), hash: hash)
        }
        return (hash, receipt)
    }

    /// What the trial run needs, with something to spare for what changes until the block is made.
    private func gasLimit(_ plan: Plan) async throws -> UInt64 {
        if let given = options.gas { return given }
        let trial = try await simulate(plan.call)
        guard trial["ok"]?.bool == true else {
            throw Failure.refused(await refusal(trial, plan))
        }
        guard let gas = trial["gas"]?.whole64, gas <= 1 << 40 else {
            throw session.strange("dip_simulate", trial)
        }
        // Sending DIP has a fixed price, and what is set aside for gas must be there.
        guard gas > 21_000 else { return gas }
        let wanted = gas + gas / 4
        // No ledger has smaller blocks, so that hardly anybody has to ask.
        guard wanted > Rules.blockGasLimitRange.lowerBound else { return wanted }
        let most = try await session.blockGasLimit()
        guard wanted > most else { return wanted }
        Output.note(
            "dip: the trial took \(gas) gas, and a quarter more does not fit into a block: \(most) gas, all that "
                + "a block has, are asked for. If it takes more when its turn comes, it is refused (OutOfGas)"
        )
        return max(gas, most)
    }

    /// Hands the transaction over; an answer that got lost is no reason to think it was not taken.
    private func submit(_ raw: [UInt8], _ hash: String) async throws {
        do {
            _ = try await session.call("eth_sendRawTransaction", .data(raw))
        } catch let fault as ClientFault where fault.leavesOpen {
            throw Failure.unknownOutcome(
                "whether transaction \(hash) was taken is unknown: do not send it again, 'dip receipt "
                    + "\(hash)' tells when the node answers again (\(fault))", hash: hash)
        }
    }

    private func receipt(_ hash: String) async throws -> JSON {
        var state = "is not \(options.wait.rawValue) yet"
        do {
            let receipt = try await session.call(
                "dip_waitForReceipt", .string(hash), .string(options.wait.rawValue),
                .integer(options.node.pieceMilliseconds))
            if !receipt.isNull { return receipt }
        } catch let fault as ClientFault {
            state = "what became of it is not told (\(fault))"
        }
        throw Failure.unknownOutcome(
            "transaction \(hash) was sent and \(state): do not send it again, ask 'dip receipt "
                + "\(hash)'", hash: hash)
    }

    private func report(_ receipt: JSON, _ plan: Plan, _ hash: String) async throws {
        guard receipt["status"]?.whole == 1 else {
            throw Failure.reverted(await refusal(receipt, plan), hash: hash)
        }
        let block = receipt["blockNumber"]?.whole64 ?? 0
        let result = try self.result(of: receipt, plan, hash)
        // It is done, whatever else cannot be told of it.
        let next = try await told { try await plan.next?(session) } ?? nil
        if session.isJSON {
            let events = Narrator.events(receipt["logs"]?.elements ?? [])
            var members: [(String, JSON?)] = [
                ("ok", true), ("transaction", .string(hash)), ("block", .integer(block)),
                ("gas", receipt["gasUsed"]?.whole.map { .integer($0) }),
                ("fee", Self.fee(receipt).map { .string(String($0)) }),
            ]
            if let result { members.append((result.json.name, result.json.value)) }
            members.append(("events", .array(events)))
            if let next { members.append((next.json.name, next.json.value)) }
            return Output.json(.members(members))
        }
        Output.line("Done: \(plan.what)\(result.map { " (\($0.text))" } ?? "").")
        try await told { try await Narrator(session).tell(logs: receipt["logs"]?.elements ?? []) }
        let fee = Self.fee(receipt).map { ", fee \(Currency.dip.text($0))" } ?? ""
        Output.line("Block \(block)\(fee), transaction \(hash)")
        for line in next?.lines ?? [] { Output.line(line) }
    }

    /// What the call returned, where that is worth telling.
    private func result(
        of receipt: JSON, _ plan: Plan, _ hash: String
    ) throws -> (text: String, json: JSON.Member)? {
        guard let decode = plan.result, let data = receipt["output"]?.data else { return nil }
        var reader = ABIReader(data)
        do {
            return try decode(&reader)
        } catch {
            throw Failure.unknownOutcome(
                "transaction \(hash) was carried out, but what the node says that it returned is not "
                    + "understood: do not send it again, ask 'dip receipt \(hash)'", hash: hash)
        }
    }

    /// What the node tells beside; nil, with a note why, where it does not.
    @discardableResult
    private func told<Value>(_ body: () async throws -> Value) async throws -> Value? {
        do {
            return try await body()
        } catch let fault as ClientFault {
            Output.note("dip: done, but not all of it can be told: \(fault)")
            return nil
        }
    }

    private static func fee(_ receipt: JSON) -> UInt128? {
        guard let gas = receipt["gasUsed"]?.whole, let price = receipt["effectiveGasPrice"]?.whole
        else { return nil }
        let (fee, overflow) = gas.multipliedReportingOverflow(by: price)
        return overflow ? nil : fee
    }
}

/// Ends the process with a status when everything is said already.
struct ExitCodeOnly: Error {
    let status: Int32
}
