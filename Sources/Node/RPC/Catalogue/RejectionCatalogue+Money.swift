/// Refusals of calls as such, and of money.
extension RejectionCatalogue {
    static let calls: [RejectionEntry] = [
        RejectionEntry(
            1, .call, "OutOfGas(uint64 limit)",
            "The call needed more gas than the transaction allows.",
            "Ask eth_estimateGas and send again with at least that limit; unused gas costs nothing."
        ),
        RejectionEntry(
            2, .call, "UnknownContract(address target)",
            "The call goes to an address where no contract of the ledger answers, or brings data to an ordinary account.",
            "Check the address. To pay an account, send no data; there is no EVM code at any address."
        ),
        RejectionEntry(
            3, .call, "UnknownSelector(bytes4 selector)",
            "The contract has no function with these first four bytes.",
            "Encode the call with the contract's ABI (dip_abi)."),
        RejectionEntry(
            4, .call, "BadCalldata(string why)",
            "The arguments are not the canonical ABI encoding of what the function takes.",
            "Encode the call with the contract's ABI (dip_abi); the reason names the argument."),
        RejectionEntry(
            5, .call, "NotPayable()",
            "DIP was sent along with a call of a contract that takes none.",
            "Send the call with value 0. To move DIP, send it to an account, or call transfer of 0x…d100."
        ),
        RejectionEntry(
            6, .call, "NoContractCreation()",
            "The transaction has no receiver, which asks for a contract to be created; there is no EVM here.",
            "Issue tokens with the factory at 0x…d101, open orders at 0x…d102, or publish a template."
        ),
        RejectionEntry(
            7, .batch, "CallFailed(uint256 index, bytes reason)",
            "One call of the batch was refused, so none of them happened.",
            "Look at the inner refusal, mend or leave out the call with that index, and send again."
        ),
        RejectionEntry(
            8, .batch, "NestedBatch()", "A call of the batch is itself a batch.",
            "List the inner batch's calls in the outer one."),
        RejectionEntry(
            9, .batch, "ValueMismatch(uint256 given, uint256 needed)",
            "The transaction's value is not the sum of the values of the batch's calls.",
            "Send exactly the sum as the transaction's value."),
    ]

    static let money: [RejectionEntry] = [
        RejectionEntry(
            20, .money, "ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
            "The account has less of the token than it is to pay.",
            "Pay at most the balance, or have the account receive more first. In DIP, leave enough for the fee."
        ),
        RejectionEntry(
            21, .money, "ERC20InvalidSender(address sender)",
            "Money cannot come from the zero address; only minting does that.",
            "Name the account that pays."),
        RejectionEntry(
            22, .money, "ERC20InvalidReceiver(address receiver)",
            "Money cannot go to this address: the zero address, or a contract of the ledger or a token, which would keep it for ever.",
            "Name the account that is to receive. To pay an order, call fund at 0x…d102."),
        RejectionEntry(
            23, .money,
            "ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
            "The spender may take less from the owner than it tried to.",
            "Have the owner approve (or sign a permit for) at least the amount."),
        RejectionEntry(
            24, .money, "ERC20InvalidApprover(address approver)",
            "The zero address can approve nobody.", "Approve as the account that owns the money."),
        RejectionEntry(
            25, .money, "ERC20InvalidSpender(address spender)",
            "The zero address can be given no allowance and no fee grant.",
            "Name the account that is to spend."),
        RejectionEntry(
            28, .money, "ERC2612ExpiredSignature(uint256 deadline)",
            "The permit's deadline has passed.",
            "Have the owner sign a permit with a later deadline."),
        RejectionEntry(
            29, .money, "ERC2612InvalidSigner(address signer, address owner)",
            "The permit was signed by somebody else than the owner, or over other contents.",
            "Sign with the owner's key, for this chain id, token, spender, value, deadline and the owner's current nonce."
        ),
        RejectionEntry(
            31, .call, "AmountTooLarge(uint256 amount)",
            "Amounts on this ledger are below 2^128.", "Give an amount below 2^128."),
        RejectionEntry(
            32, .token, "AccountFrozen(address account)",
            "The token's issuer has frozen the account.",
            "Ask the token's issuer; only the holder of its FREEZER_ROLE can thaw the account."),
        RejectionEntry(
            33, .token, "AccountNotAllowed(address account)",
            "The token has an allow-list and the account is not on it.",
            "Ask the token's issuer; only the holder of its ALLOWER_ROLE can admit the account."),
        RejectionEntry(
            34, .token, "TokenPaused()", "The token's issuer has stopped all transfers.",
            "Wait until the holder of the PAUSER_ROLE lets them go on."),
        RejectionEntry(
            37, .call, "UnknownToken(address token)", "No token answers at this address.",
            "Check the address: DIP is 0x…d100, issued tokens are listed by dip_tokens."),
        RejectionEntry(
            39, .money, "LengthMismatch(uint256 left, uint256 right)",
            "Two lists that belong together have different lengths.",
            "Give one amount for each receiver or order."),
    ]

    static let controls: [RejectionEntry] = [
        RejectionEntry(
            26, .control, "AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
            "The sender does not have the role that this needs.",
            "Have the token's admin grant the role, or send as an account that has it."),
        RejectionEntry(
            27, .control, "AccessControlBadConfirmation()",
            "An account can renounce only its own roles.",
            "Give the sender's own address as confirmation."),
        RejectionEntry(
            30, .control, "ControlNotEnabled(uint64 control)",
            "The token was issued without this control, and controls are fixed for ever.",
            "Nothing can be done with this token; a new one can be issued with the control."),
        RejectionEntry(
            35, .control, "CapExceeded(uint256 cap, uint256 wanted)",
            "There would be more of the token than its cap, or than 2^128 - 1.",
            "Mint less, or burn some first."),
        RejectionEntry(
            36, .control, "NothingHeld(address account)",
            "No payout of the token is held back for the account.",
            "Look at heldOf(account); perhaps somebody released it already."),
        RejectionEntry(
            38, .factory, "BadToken(string why)",
            "The new token's description is not acceptable.",
            "Mend the field that the reason names."),
    ]
}
