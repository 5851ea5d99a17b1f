import Ledger

/// The logs of tokens, byte for byte those of ERC-20 contracts; other modules derive theirs with these.
public enum TokenLogs {
    /// `Transfer(address indexed from, address indexed to, uint256 value)`.
    public static func transfer(
        _ amount: UInt128, token: Address, from: Address, to: Address
    ) -> Log {
        Log(
            address: token,
            topics: [IToken.Event.transfer.topic, Hash32(word: from), Hash32(word: to)],
            data: Hash32(word: amount).bytes)
    }

    /// `Held(address indexed account, uint256 amount, uint64 indexed order)`.
    public static func held(
        _ amount: UInt128, token: Address, account: Address, order: UInt64
    ) -> Log {
        Log(
            address: token,
            topics: [IToken.Event.held.topic, Hash32(word: account), Hash32(0, 0, 0, order)],
            data: Hash32(word: amount).bytes)
    }

    /// One Transfer for each payment of a batch.
    static func transfers(_ payouts: [Payout], token: Address, from: Address) -> [Log] {
        payouts.map { transfer($0.amount, token: token, from: from, to: $0.to) }
    }

    /// `Approval(address indexed owner, address indexed spender, uint256 value)`.
    static func approval(
        _ value: Hash32, token: Address, owner: Address, spender: Address
    ) -> Log {
        Log(
            address: token,
            topics: [IToken.Event.approval.topic, Hash32(word: owner), Hash32(word: spender)],
            data: value.bytes)
    }

    /// `RoleGranted` or `RoleRevoked(bytes32 indexed role, address indexed account, address indexed
    /// sender)`.
    static func role(
        _ role: Hash32, _ granted: Bool, token: Address, account: Address, by sender: Address
    ) -> Log {
        Log(
            address: token,
            topics: [
                granted ? IToken.Event.roleGranted.topic : IToken.Event.roleRevoked.topic, role,
                Hash32(word: account),
                Hash32(word: sender),
            ], data: [])
    }

    /// `FreezeSet` or `AllowSet(address indexed account, bool on, address by)`.
    static func flag(
        _ topic: Hash32, _ on: Bool, token: Address, _ account: Address, by sender: Address
    ) -> Log {
        Log(
            address: token, topics: [topic, Hash32(word: account)],
            data: Hash32(0, 0, 0, on ? 1 : 0).bytes + Hash32(word: sender).bytes)
    }

    /// What happens when a token is issued: its roles, its issuer's place on the allow-list, the initial
    /// supply, and last the factory's word.
    static func created(
        _ token: Address, issuer: Address, controls: TokenControls, initialSupply: UInt128,
        symbol: String
    ) -> [Log] {
        var logs = TokenRole.granted(by: controls).map {
            role($0.id, true, token: token, account: issuer, by: issuer)
        }
        if controls.contains(.allowList) {
            logs.append(flag(IToken.Event.allowSet.topic, true, token: token, issuer, by: issuer))
        }
        if initialSupply > 0 {
            logs.append(transfer(initialSupply, token: token, from: .zero, to: issuer))
        }
        var text = ABIWriter(words: 1)
        text.write(string: symbol)
        logs.append(
            Log(
                address: .tokens,
                topics: [
                    ITokens.Event.tokenCreated.topic, Hash32(word: token), Hash32(word: issuer),
                ],
                data: text.finish()))
        return logs
    }

    /// A Transfer for each place that the units came from, then `ClawedBack(address indexed from, address
    /// indexed to, uint256 amount, bytes32 reason)` for all of them.
    static func clawback(
        _ token: Address, from: Address, to: Address, fromBalance: UInt128, fromHeld: UInt128,
        reason: Hash32
    ) -> [Log] {
        var logs: [Log] = []
        if fromBalance > 0 || fromHeld == 0 {
            logs.append(transfer(fromBalance, token: token, from: from, to: to))
        }
        if fromHeld > 0 {
            logs.append(transfer(fromHeld, token: token, from: .orders, to: to))
        }
        logs.append(
            Log(
                address: token,
                topics: [IToken.Event.clawedBack.topic, Hash32(word: from), Hash32(word: to)],
                data: Hash32(word: fromBalance + fromHeld).bytes + reason.bytes))
        return logs
    }
}
