import Gateway
import JSON
import Ledger
import Settlement
import YAML

/// Asks a person for what a template needs, one thing after the other.
struct BindingsDialogue {
    let texts: TemplateTexts
    let session: Session
    let signer: Address
    let now: UInt64

    private var template: Template { texts.template }

    /// How often something may be mistyped before it is given up.
    private static let attempts = 5

    func run() async throws -> OrderDraft {
        for line in texts.description.wrapped(to: 96) { Output.note(line) }
        Output.note("")
        let currency = try await token()
        let reading = BindingsFile.Reading(
            currency: currency, now: now, signer: signer,
            account: { try session.names.address($0) })
        let reader = BindingsReader(reading: reading)
        var members = [
            DocumentNode.Member("token", DocumentNode(.string(currency.address.hex)))
        ]
        Output.note(texts.words.accountsAre)
        for (index, role) in template.roles.enumerated() {
            members.append(.init(role.name, try await party(index, role, reader)))
        }
        for (index, parameter) in template.parameters.enumerated() {
            let bound = try await value(index, parameter, members, reader)
            members.append(.init(parameter.name, bound))
        }
        if template.due == nil, let due = try await dueDate(reader) {
            members.append(.init("dueAt", due))
        }
        Output.note("")
        return try OrderDraft(DocumentNode(.object(members)), texts, currency, now: now)
    }

    // MARK: Asking

    /// Asks until the answer makes sense.
    private func ask<Value>(
        _ question: String, _ read: (String) async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            let answer = try Input.ask(question)
            do {
                return try await read(answer)
            } catch {
                // Another answer does not bring the node back.
                if let fault = error as? ClientFault {
                    guard case .method = fault else { throw fault }
                }
                let why = (error as? SourceFault)?.why ?? "\(error)"
                guard attempt < Self.attempts else { throw Failure.usage(why) }
                Output.note("  " + why)
                attempt += 1
            }
        }
    }

    private func token() async throws -> Currency {
        try await ask("\(texts.words.token): ") { try await session.currency($0) }
    }

    private func party(
        _ index: Int, _ role: Template.Role, _ reader: BindingsReader
    ) async throws -> DocumentNode {
        let label = texts.role(index)
        guard role.isMany else {
            let standard = role.pays ? " [\(session.names.text(signer))]" : ""
            return try await ask("\(label)\(standard): ") { answer in
                if answer.isEmpty, role.pays { return DocumentNode(.string(signer.hex)) }
                return try reader.role(DocumentNode(.string(answer)), role)
            }
        }
        Output.note("\(label): \(texts.words.oneALine(role.members))")
        var accounts: [DocumentNode] = []
        while accounts.count < role.members.upperBound {
            let isEnough = accounts.count >= role.members.lowerBound
            let next: DocumentNode? = try await ask("  \(accounts.count + 1): ") { answer in
                if answer.isEmpty, isEnough { return nil }
                return try reader.account(DocumentNode(.string(answer)))
            }
            guard let next else { break }
            accounts.append(next)
        }
        return DocumentNode(.array(accounts))
    }

    private func value(
        _ index: Int, _ parameter: Template.Parameter, _ members: [DocumentNode.Member],
        _ reader: BindingsReader
    ) async throws -> DocumentNode {
        let label = texts.parameter(index) + hint(parameter, reader.reading.currency)
        guard let role = parameter.role else {
            return try await one(label, parameter, reader)
        }
        Output.note(label)
        let name = template.roles[role].name
        guard case .array(let accounts)? = members.first(where: { $0.name == name })?.node.value
        else { return DocumentNode(.array([])) }
        var values: [DocumentNode] = []
        for account in accounts {
            let who = account.text.flatMap { Address(hex: $0) }.map { session.names.text($0) }
            values.append(try await one("  \(who ?? "?")", parameter, reader))
        }
        return DocumentNode(.array(values))
    }

    private func one(
        _ label: String, _ parameter: Template.Parameter, _ reader: BindingsReader
    ) async throws -> DocumentNode {
        let (standard, currency) = (parameter.standard, reader.reading.currency)
        let shown = standard.map { " [\(text($0, parameter.type, currency))]" } ?? ""
        return try await ask("\(label)\(shown): ") { answer in
            if answer.isEmpty, let standard {
                return BindingsReader.node(standard, parameter.type)
            }
            let node = try reader.value(DocumentNode(.string(answer)), parameter.type)
            let units = BindingsReader.units(node, parameter.type)
            guard units.map({ parameter.range.contains($0) }) ?? true else {
                let least = text(parameter.range.lowerBound, parameter.type, currency)
                let most = text(parameter.range.upperBound, parameter.type, currency)
                throw SourceFault(texts.words.range(least, most), at: node.start)
            }
            return node
        }
    }

    private func dueDate(_ reader: BindingsReader) async throws -> DocumentNode? {
        try await ask(texts.words.dueDate + ": ") { answer in
            answer.isEmpty ? nil : try reader.time(DocumentNode(.string(answer)))
        }
    }

    // MARK: Words

    /// How a value is written.
    private func hint(_ parameter: Template.Parameter, _ currency: Currency) -> String {
        switch parameter.type {
        case .amount: ", \(currency.symbol)"
        case .share: ", %"
        case .time: " (2026-12-31, +30d)"
        case .duration: " (30d, 12h)"
        }
    }

    private func text(
        _ value: UInt128, _ type: Template.ParameterType, _ currency: Currency
    ) -> String {
        switch type {
        case .amount: currency.plain(value)
        case .share: Arguments.percent(bps: UInt64(clamping: value))
        case .time: Moment.text(UInt64(clamping: value))
        case .duration: TimeSpan.text(UInt64(clamping: value)).replacing(" ", with: "")
        }
    }
}
