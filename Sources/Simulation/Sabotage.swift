/// A deliberate break of one rule, to see that the property which rests on it fails.
public enum Sabotage: String, CaseIterable, Sendable {
    case acknowledgeBeforeSync = "acknowledge-before-sync"
    case believeCache = "believe-cache"
    case forgetVote = "forget-vote"
    case ignoreEpoch = "ignore-epoch"
    case stateBeforeBlocks = "state-before-blocks"
    case mintOnSkip = "mint-on-skip"
    case skipDedup = "skip-dedup"
    case tryAgain = "try-again"
    case acceptAnyTime = "accept-any-time"
    case certifyAlone = "certify-alone"
    case serveOnDivergence = "serve-on-divergence"
    case dropEvidence = "drop-evidence"
    case certifyOnExecution = "certify-on-execution"

    /// What is broken.
    public var deed: String {
        switch self {
        case .acknowledgeBeforeSync: "entries count as durable once they are written"
        case .believeCache: "what a failed sync left in the system's cache is not written again"
        case .forgetVote: "term and vote are not saved"
        case .ignoreEpoch: "messages of a broken connection count like the new one's"
        case .stateBeforeBlocks: "the state is stored before the blocks that lead to it are synced"
        case .mintOnSkip: "somebody gets units of DIP once a transaction was skipped"
        case .certifyOnExecution: "who waits for a certificate is answered without one"
        case .certifyAlone: "a node's own signature makes a certificate"
        case .serveOnDivergence: "a node goes on that sees another header certified than its own"
        case .dropEvidence: "two votes of one bank are not kept"
        case .acceptAnyTime: "followers take bodies whatever their time is"
        case .tryAgain: "what nobody could execute is tried again when the log is read again"
        case .skipDedup: "a nonce is given back after each block"
        }
    }

    /// What must fail of it: any of these.
    public var breaks: [Property] {
        switch self {
        case .acknowledgeBeforeSync: [.acknowledgedIsFinal, .sameHeaders, .nodesComeBack]
        case .believeCache: [.nodesComeBack, .acknowledgedIsFinal, .sameHeaders]
        case .forgetVote: [.oneLeader]
        case .ignoreEpoch: [.oldConnectionsEnd]
        case .stateBeforeBlocks: [.nodesComeBack]
        case .mintOnSkip: [.moneyIsConserved]
        case .certifyOnExecution: [.certifiedStays]
        case .certifyAlone: [.oneCertificate, .certifiedStays]
        case .serveOnDivergence: [.liarsAreFound]
        case .dropEvidence: [.liarsAreFound]
        case .acceptAnyTime: [.timesAreTrue]
        case .tryAgain: [.sameHeaders]
        case .skipDedup: [.nothingTwice]
        }
    }
}
