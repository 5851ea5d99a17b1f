import Ledger
import Settlement
import Tokens

/// The contract at 0x…d104.
extension TemplateRegistry {
    /// Carries out a call; all or nothing but for the gas.
    ///
    /// DIP that is sent along is the most that the call may cost: only what it needs is taken.
    ///
    /// - Returns: what it returns, ABI-encoded.
    func call(_ call: Call) throws(Rejection) -> [UInt8] {
        guard let selector = call.selector else { throw .unknownSelector(0) }
        guard let function = ITemplates.Function(rawValue: selector) else {
            throw .unknownSelector(selector)
        }
        guard call.value == 0 || function.isPayable else { throw .notPayable }
        try state.gas.charge(Gas.call)
        let balance = tokens.balance(of: call.sender, in: .dip)
        guard balance >= call.value else {
            throw .erc20InsufficientBalance(
                sender: call.sender, balance: balance, needed: call.value)
        }
        let mark = state.mark()
        do throws(Rejection) {
            return try run(function, call)
        } catch {
            state.rollback(to: mark)
            throw error
        }
    }

    private func run(
        _ function: ITemplates.Function, _ call: Call
    ) throws(Rejection) -> [UInt8] {
        var reader = ABIReader(call.arguments)
        switch function {
        case .publish:
            let json = try reader.bytes()
            let replaces = try reader.word()
            try reader.finish()
            return try publish(Array(json), replacing: replaces, by: call).bytes
        case .review:
            let id = try reader.word()
            let review = ITemplates.Review(
                reviewer: call.sender, approved: try reader.bool(), report: try reader.word())
            try reader.finish()
            try state.gas.charge(Gas.newRecord + 2 * Gas.payment)
            try take(review, of: id)
            return []
        case .deprecate:
            let id = try reader.word()
            try reader.finish()
            try state.gas.charge(Gas.payment)
            try deprecate(id, by: call.sender)
            return []
        case .open, .quote, .preview: return try runOrder(function, call, &reader)
        case .template, .count, .at, .reviews, .publicationCost:
            return try runView(function, &reader)
        }
    }

    private func runOrder(
        _ function: ITemplates.Function, _ call: Call, _ reader: inout ABIReader
    ) throws(Rejection) -> [UInt8] {
        let id = try reader.word()
        let bindings = Array(try reader.bytes())
        var sources: [IOrders.Pledge] = []
        if function == .open { sources = try reader.array(of: IOrders.Pledge.self) }
        try reader.finish()
        switch function {
        case .open:
            let order = try open(id, bindings, from: sources, by: call)
            return Hash32(0, 0, 0, order).bytes
        case .quote:
            let quote = try quote(id, bindings)
            return Hash32(word: quote.royalty).bytes + Hash32(0, 0, 0, quote.gas).bytes
        default:
            var writer = ABIWriter(words: 1)
            writer.write(try instance(of: id, bindings).terms)
            return writer.finish()
        }
    }

    private func runView(
        _ function: ITemplates.Function, _ reader: inout ABIReader
    ) throws(Rejection) -> [UInt8] {
        switch function {
        case .template:
            let id = try reader.word()
            try reader.finish()
            return view(of: id)
        case .reviews:
            let id = try reader.word()
            try reader.finish()
            var writer = ABIWriter(words: 1)
            writer.write(array: find(id)?.reviews ?? [])
            return writer.finish()
        case .at:
            let index = try reader.word().number
            try reader.finish()
            guard let index = index.flatMap({ UInt64(exactly: $0) }), let id = id(at: index) else {
                throw .badCalldata("there are \(count) templates, counted from 0")
            }
            return id.bytes
        case .publicationCost:
            try reader.finish()
            let cost = publicationCost
            return Hash32(word: cost.fee).bytes + Hash32(word: cost.deposit).bytes
        default:
            try reader.finish()
            return Hash32(0, 0, 0, count).bytes
        }
    }

    /// All zero and empty for a template that there is not.
    private func view(of id: Hash32) -> [UInt8] {
        let template = find(id)
        let content = content(of: id)
        let use = use(of: id)
        var writer = ABIWriter(words: 5)
        writer.write(template?.status ?? .none)
        writer.write(template?.developer ?? .zero)
        writer.write(bytes: content)
        writer.write(use.orders)
        writer.write(uint: use.earned)
        return writer.finish()
    }
}
