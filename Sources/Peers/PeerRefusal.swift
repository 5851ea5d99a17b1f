import Consensus

/// That a connection was refused, ended or not made, by whom and why.
public struct PeerRefusal: Sendable, Equatable {
    /// Which node dialed the connection.
    public enum Dialer: Sendable, Equatable {
        /// This node, in order to send.
        case here
        /// The other one, in order to send to this one.
        case there
    }

    /// Who would not go on.
    public enum Side: Sendable, Equatable {
        /// This node.
        case here
        /// The other one, as it says.
        case there
    }

    /// The peer, if it is known or was the one dialed.
    ///
    /// For a stranger whose certificate does not pass it is the bank that the certificate names,
    /// which nobody has proven.
    public var peer: NodeID?
    /// The lane, if it is known.
    public var lane: Lane?
    /// The other end's network address.
    public var remote: String
    /// Who dialed.
    public var dialer: Dialer
    /// Who would not go on.
    public var side: Side
    /// Why, for programs and metrics.
    public var reason: RefusalReason
    /// Why, in a sentence for a person.
    public var text: String
    /// When, in milliseconds since 1970.
    public var timeMillis: UInt64
}

/// Why a connection is refused or ended; the numbers are those on the wire and are never reused.
public enum RefusalReason: UInt16, Sendable, CaseIterable {
    /// A reason that this version does not know.
    case other = 0
    /// The two speak no common version of the protocol, or of TLS.
    case version = 1
    /// What should be a Hello is none.
    case malformedHello = 2
    /// Another chain id.
    case wrongChain = 3
    /// The same chain id, but another genesis.
    case wrongGenesis = 4
    /// The Hello is meant for another bank.
    case wrongAddressee = 5
    /// The bank is not in the bank set.
    case notInBankSet = 6
    /// The endorsement is about another certificate than the one presented.
    case foreignCertificate = 7
    /// The endorsement was not signed with the bank's node key.
    case badEndorsement = 8
    /// A certificate is past its time.
    case certificateExpired = 9
    /// A certificate's time has not come.
    case certificateNotYetValid = 10
    /// A certificate was issued by no authority that is trusted.
    case unknownAuthority = 11
    /// No certificate was presented.
    case noCertificate = 12
    /// A certificate is unfit for another reason.
    case unfitCertificate = 13
    /// The TLS handshake failed for a reason that has nothing to do with certificates.
    case handshakeFailed = 14
    /// The Hello did not come in time.
    case helloTimeout = 15
    /// A frame is larger than the lane allows.
    case frameTooLarge = 16
    /// Bytes that are no frame.
    case malformedFrame = 17
    /// No sign of life.
    case silence = 18
    /// A newer connection of the same process and lane took its place, or of another one after silence.
    case replaced = 19
    /// The node stops.
    case stopping = 20
    /// The authorities or the bank's data changed: dial again.
    case changed = 21
    /// Too many connections that have not said who they are.
    case tooManyStrangers = 22
    /// There is no connection to be had: nobody listens, no way, no such name.
    case unreachable = 23
    /// The connection broke without a word.
    case broken = 24
    /// Waiting bytes did not leave.
    case stuck = 25
    /// More bytes waited than the queue may hold.
    case overflow = 26
    /// An own frame was empty or larger than the lane allows.
    case unfitFrame = 27
    /// The signer with a node's key did not endorse its certificate.
    case noEndorsement = 28
    /// Another process with the same bank's identity is connected and heard.
    case identityInUse = 29
}

extension RefusalReason {
    /// The name in logs and metrics, in snake case.
    public var name: String {
        var name = ""
        for character in "\(self)" {
            if character.isUppercase { name += "_" }
            name += character.lowercased()
        }
        return name
    }
}
