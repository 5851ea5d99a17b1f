import Consensus
import Ledger
import Replica

extension PeerMessage {
    /// On which lane it travels.
    var lane: Network.Lane {
        switch self {
        case .raft, .vote, .status: .consensus
        case .transactions, .request, .reply: .bulk
        }
    }

    /// What it says, for the reader of a story.
    var words: String {
        switch self {
        case .raft(let message): "term \(message.term), \(message.body.words)"
        case .vote(let vote): "votes for \(vote.header) at \(vote.height)"
        case .status(let status): "is at \(status.height), certified \(status.certified)"
        case .transactions(let raws): "\(raws.count) transactions"
        case .request(let number, let request): "question \(number): \(request)"
        case .reply(let number, let reply):
            switch reply {
            case .blocks(let blocks, _):
                "answer \(number): \(blocks.count) blocks from \(blocks.first?.header.height ?? 0) on"
            case .certificates(let all): "answer \(number): \(all.count) certificates"
            case .checkpoint: "answer \(number): a checkpoint"
            case .chunk: "answer \(number): a chunk"
            case .nothing: "answer \(number): nothing"
            }
        }
    }
}

extension RaftMessage.Body {
    /// What it says, for the reader of a story.
    var words: String {
        switch self {
        case .requestVote(let request):
            "asks for a \(request.isPreVote ? "pre-vote" : "vote") with \(request.lastIndex)"
        case .voteResult(let result):
            "\(result.isGranted ? "gives" : "refuses") a \(result.isPreVote ? "pre-vote" : "vote")"
        case .appendEntries(let append):
            "\(append.entries.count) entries after \(append.previousIndex) of \(append.previousTerm), "
                + "committed \(append.commitIndex)"
        case .appendResult(let result):
            result.rejected > 0
                ? "does not fit at \(result.rejected), has \(result.lastIndex)"
                : "has \(result.lastIndex)"
        case .installSnapshot(let marker): "snapshot at \(marker.point.index)"
        case .timeoutNow: "stand for election"
        }
    }
}
