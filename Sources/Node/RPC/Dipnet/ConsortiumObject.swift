import Consensus
import Execution
import JSON
import Ledger
import Peers
import Replica

/// The answer to `dip_consortium`; `docs/rpc.md`.
extension RPCContext {
    func writeConsortium(to writer: inout JSONWriter) {
        let genesis = node.genesis
        let status = node.status
        let (rules, set) = (node.rules, node.bankSet)
        let head = node.head.header
        let group = node.groupStatus
        writer.object { writer in
            writer.member("chainId", number: genesis.chainID)
            writer.member("genesis", hash: genesis.hash)
            writer.member("height", number: head.height)
            writer.member("certified", number: min(node.certifiedHeight, head.height))
            writer.member("oldest", number: node.oldestHeight)
            writer.member("timeMillis", number: node.timeMillis)
            writer.member("leader", address: head.leader == .zero ? nil : head.leader)
            writer.member("bank", number: group.id)
            writer.key("ordering")
            writer.write(ordering: group)
            writer.key("validators")
            writer.array(of: group.members) { writer, member in writer.write(member, of: group) }
            writer.member("certificateQuorum", number: set.quorum)
            writer.member("nextBank", number: set.nextID)
            writer.key("rules")
            writer.object { writer in
                writer.member("gasPrice", amount: rules.gasPrice)
                writer.member("blockGasLimit", number: rules.blockGasLimit)
                writer.member("blockByteLimit", number: rules.blockByteLimit)
                writer.member("stepLimit", number: rules.stepLimit)
                writer.member("publicationFee", amount: rules.publicationFee)
                writer.member("reviewFee", amount: rules.reviewFee)
                writer.member("requiredReviews", number: rules.requiredReviews)
                writer.member("royaltyDeveloper", number: rules.royaltyDeveloper)
                writer.member("royaltyReviewers", number: rules.royaltyReviewers)
                writer.member("epochBlocks", number: rules.epochBlocks)
                writer.member("nodeShare", number: rules.nodeShare)
                writer.member("redemptionDeadline", number: rules.redemptionDeadline)
            }
            writer.member("serving", bool: status.closedBecause == nil)
            if let why = status.closedBecause { writer.member("why", string: why) }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func write(ordering group: GroupStatus) {
        let raft = group.raft
        object { writer in
            writer.member("leader", optional: group.leader)
            writer.member("term", number: raft.term)
            writer.member("last", number: raft.lastIndex)
            writer.member("durable", number: raft.durableIndex)
            writer.member("committed", number: raft.commitIndex)
            writer.member("delivered", number: raft.deliveredIndex)
            writer.member("changing", bool: raft.isChangingMembers)
            if let successor = raft.successor {
                writer.member("successor", number: successor.rawValue)
            }
            writer.member("mayVote", bool: raft.mayVote)
        }
    }

    fileprivate mutating func write(_ member: GroupStatus.Member, of group: GroupStatus) {
        let bank = member.bank
        object { writer in
            writer.member("id", number: bank.id)
            writer.member("name", string: bank.name)
            writer.member("address", address: bank.nodeKey)
            writer.member("operator", address: bank.operator)
            writer.member("endpoint", string: bank.endpoint)
            if let role = member.role { writer.member("role", string: "\(role)") }
            if let told = member.told {
                writer.member("height", number: told.status.height)
                writer.member("certified", number: told.status.certified)
                writer.member("oldest", number: told.status.oldest)
                writer.member("lag", number: group.lag(of: member) ?? 0)
                writer.member("version", number: told.status.version)
                writer.member("serving", bool: told.status.isServing)
                writer.member("toldMillis", number: told.heardMillis)
                writer.member("clockOffsetMillis", number: told.clockOffsetMillis)
            }
            if let connection = member.connection {
                writer.key("connection")
                writer.write(connection)
            }
            if let progress = member.progress {
                writer.member("stored", number: progress.matchIndex)
                writer.member("stuck", bool: progress.isStuck)
            }
            let certificate =
                bank.id == group.id ? group.certificate : member.connection?.certificate
            if let certificate {
                writer.key("certificate")
                writer.write(certificate)
            }
        }
    }

    private mutating func write(_ connection: PeerState) {
        object { writer in
            writer.member("endpoint", string: connection.endpoint)
            writer.member("connected", bool: connection.isConnected)
            for lane in Lane.allCases {
                let state = connection.lanes[lane]
                writer.key("\(lane)")
                writer.object { writer in
                    writer.member("sendingSinceMillis", optional: state.sendingSince)
                    writer.member("receivingSinceMillis", optional: state.receivingSince)
                    writer.member("queuedBytes", number: state.queuedBytes)
                    writer.member(
                        "roundTripMicros", optional: state.roundTripMicros.map(UInt64.init))
                    writer.member("dials", number: state.dials)
                    writer.member("droppedFrames", number: state.droppedFrames)
                }
            }
            if let refusal = connection.lastRefusal {
                writer.key("lastRefusal")
                writer.object { writer in
                    writer.member("reason", string: refusal.reason.name)
                    writer.member("text", string: refusal.text)
                    writer.member("by", string: refusal.side == .here ? "here" : "there")
                    writer.member("dialer", string: "\(refusal.dialer)")
                    writer.member("timeMillis", number: refusal.timeMillis)
                }
            }
        }
    }

    private mutating func write(_ certificate: CertificateFacts) {
        object { writer in
            writer.member("subject", string: certificate.subject)
            writer.member("issuer", string: certificate.issuer)
            writer.member("notBefore", number: certificate.notBefore)
            writer.member("notAfter", number: certificate.notAfter)
            writer.member("fingerprint", hash: certificate.fingerprint)
        }
    }

    private mutating func member(_ name: String, optional value: UInt64?) {
        key(name)
        if let value { number(value) } else { null() }
    }
}
