import Ledger
import Settlement

/// Terms as they stand in a file.
struct TermsFile: Decodable {
    var token: String
    var buyer: String
    var arbiter: String?
    var dueAt: UInt64?
    var lines: [Line]
    var gates: [Gate]?

    struct Line: Decodable {
        var payee: String
        var amount: String
        var tier: UInt16?
        /// Index from 0.
        var gate: Int?
    }

    struct Gate: Decodable {
        var attestors: [String]?
        var threshold: UInt8?
        var notBefore: UInt64?
        var deadline: UInt64?
        var onTimeout: String?
        /// Index from 0.
        var follows: Int?
        var ifSilent: String?
        var arbitrationPeriod: UInt64?
    }

    /// Checks that an index is one that a call could name.
    static func index(_ index: Int, _ field: String) throws(VectorFileFault) -> Int {
        guard (0..<255).contains(index) else {
            throw VectorFileFault(description: "\(field) is not \(index)")
        }
        return index
    }

    var value: VectorTerms {
        get throws {
            VectorTerms(
                token: token, buyer: buyer, arbiter: arbiter, dueAt: dueAt ?? 0,
                lines: try lines.map {
                    (
                        tier: $0.tier ?? 0, payee: $0.payee, amount: try $0.amount.amount,
                        gate: try $0.gate.map { try Self.index($0, "gate") }
                    )
                },
                gates: try (gates ?? []).map { try $0.value },
                attestors: (gates ?? []).map { $0.attestors ?? [] })
        }
    }
}

extension TermsFile.Gate {
    fileprivate var value: Terms.Gate {
        get throws {
            Terms.Gate(
                attestors: [], threshold: threshold ?? 0, notBefore: notBefore ?? 0,
                deadline: deadline ?? 0,
                onTimeout: try timeout,
                follows: try follows.map { UInt8(try TermsFile.index($0, "follows") + 1) } ?? 0,
                silenceMeets: try silence, arbitrationPeriod: arbitrationPeriod ?? 0)
        }
    }

    private var timeout: OnTimeout {
        get throws {
            switch onTimeout {
            case nil, "fail": .fail
            case "meet": .meet
            case "arbitrate": .arbitrate
            case .some(let other):
                throw VectorFileFault(description: "onTimeout is not \"\(other)\"")
            }
        }
    }

    private var silence: Bool {
        get throws {
            switch ifSilent {
            case nil, "fail": false
            case "meet": true
            case .some(let other):
                throw VectorFileFault(description: "ifSilent is not \"\(other)\"")
            }
        }
    }
}
