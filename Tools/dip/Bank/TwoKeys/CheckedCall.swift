import Ledger

/// A call of a bank's operator that takes the approval of its checker, read as the ledger reads it.
struct CheckedCall {
    /// What it would do.
    enum Content: Equatable {
        /// Issue above what the day has left.
        case issue(token: Address, [Payment])
        /// Set how much may be issued a day.
        case limit(token: Address, perDay: UInt128)
        /// Take another bank's token at par.
        case accept(other: Address, limit: UInt128)
        /// Move what a customer has to another account.
        case recover(from: Address, to: Address, reason: Hash32)
        /// Replace the checker.
        case checker(Address)
        /// Replace the operator's key.
        case operatorKey(Address)
        /// Replace the BIC.
        case bic(String)
    }

    /// One issue against a payment that arrived.
    struct Payment: Equatable {
        let to: Address
        let amount: UInt128
        let reference: Hash32
    }

    /// Selector and arguments.
    let data: [UInt8]
    /// What they say.
    let content: Content

    /// By what the ledger knows the call; it follows from the data alone.
    var hash: Hash32 { Keccak256.hash(data) }

    /// Reads a call.
    ///
    /// - Parameter data: selector and arguments.
    /// - Throws: ``Failure/usage(_:)`` for anything but a call that the checker has to approve.
    init(_ data: [UInt8]) throws {
        let selector = data.prefix(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        guard data.count >= 4, let function = IBanks.Function(rawValue: selector) else {
            throw Failure.usage("this is no call of the banks' contract: nothing to approve")
        }
        self.data = data
        do throws(Rejection) {
            var reader = ABIReader(data.dropFirst(4))
            guard let content = try Self.read(function, &reader) else {
                throw Rejection.unknownSelector(selector)
            }
            try reader.finish()
            self.content = content
        } catch .unknownSelector {
            throw Failure.usage("'\(function)' takes no approval: the operator does it alone")
        } catch {
            throw Failure.usage("the call cannot be read, and the ledger would refuse it: \(error)")
        }
    }

    /// - Returns: nil for what takes no checker.
    private static func read(
        _ function: IBanks.Function, _ reader: inout ABIReader
    ) throws(Rejection) -> Content? {
        switch function {
        case .issue:
            let token = try reader.address()
            let payment = Payment(
                to: try reader.address(), amount: try reader.amount(),
                reference: try reader.word())
            return .issue(token: token, [payment])
        case .issueBatch:
            let token = try reader.address()
            let to = try reader.array(of: Address.self)
            let amounts = try reader.array(of: UInt128.self)
            let references = try reader.array(of: Hash32.self)
            guard to.count == amounts.count, to.count == references.count else {
                throw .lengthMismatch(UInt64(to.count), UInt64(amounts.count))
            }
            return .issue(
                token: token,
                to.indices.map {
                    Payment(to: to[$0], amount: amounts[$0], reference: references[$0])
                })
        case .setIssueLimit:
            return .limit(token: try reader.address(), perDay: try reader.amount())
        case .acceptAtPar:
            return .accept(other: try reader.address(), limit: try reader.amount())
        case .recover:
            return .recover(
                from: try reader.address(), to: try reader.address(), reason: try reader.word())
        case .setChecker: return .checker(try reader.address())
        case .setOperator: return .operatorKey(try reader.address())
        case .setBic: return .bic(try reader.string())
        default: return nil
        }
    }
}
