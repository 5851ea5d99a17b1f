import Ledger

/// What a check found.
public enum TemplateVerdict: Sendable {
    /// Whatever is filled in, an order from it ends, loses nothing, fits and is never short.
    case accepted(TemplateFacts)
    /// It is not sure; where money would be short or stuck, with the bindings that show it.
    case refused(TemplateFault, Counterexample?)
}

/// What is known of a template that was accepted.
public struct TemplateFacts: Sendable, Equatable {
    /// How many combinations of gate outcomes there are, each of which was played.
    public let outcomeCount: Int
    /// The most lines of an order from it.
    public let lines: Int
    /// Its gates.
    public let gates: Int
    /// The most attestors of all gates together.
    public let attestors: Int
    /// The most bytes that the state keeps of an order from it when it is opened.
    public let bytes: Int
    /// The most gas of opening an order from it, the royalty and the call's own bytes not counted.
    public let openingGas: UInt64
    /// The most gas of all attestations, disputes and decisions of an order from it and of funding it at once together;
    /// what payees want done with what they are paid comes besides.
    public let settlingGas: UInt64
    /// When the last gate has ended, at the latest, in seconds from the later of opening and the latest time
    /// among the parameters.
    public let longest: UInt64
}

/// Bindings that show what is wrong with a template.
public struct Counterexample: Sendable, Equatable {
    /// What is filled in: canonical JSON.
    public let bindings: [UInt8]
    /// When the order is opened, in seconds.
    public let now: UInt64
    /// How the gates end, gate by gate; empty where the order cannot even be opened.
    public let outcomes: [GateOutcome]
    /// What happens then, one phrase.
    public let what: String
}
