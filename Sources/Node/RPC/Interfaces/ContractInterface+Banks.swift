import Ledger

/// Banks and their deposit tokens.
extension ContractInterface {
    /// 0x…d105.
    public static let banks = ContractInterface(
        "Banks", at: .banks,
        """
        struct Bank { string bic; string name; address operator; bool active; }
        enum Redemption { None, Requested, Instructed, Settled, Rejected, Returned }
        function setBic(string bic);
        function setDepositToken(address token, bytes3 currency);
        function setChecker(address checker);
        function approve(bytes32 call);
        function setIssueLimit(address token, uint256 perDay);
        function setOperator(address next);
        function issue(address token, address to, uint256 amount, bytes32 paymentReference);
        function issueBatch(address token, address[] to, uint256[] amounts, bytes32[] paymentReferences);
        function redeem(address token, uint256 amount, bytes32 payout) returns (uint64);
        function setAutoRedeem(address token, bytes32 payout, uint256 minimum);
        function instruct(uint64 id, bytes32 message);
        function settle(uint64 id, bytes32 paymentReference);
        function reject(uint64 id, string reason);
        function attestReserve(address token, uint256 statementBalance, bytes32 statement, uint64 asOf);
        function acceptAtPar(address other, uint256 limit);
        function setPayoutToken(address token);
        function recover(address from, address to, bytes32 reason) returns (uint64 left);
        function bank(address operator) view returns (Bank);
        function checker(address operator) view returns (address);
        function approved(address operator, bytes32 call) view returns (bool);
        function depositToken(address operator) view returns (address token, bytes3 currency);
        function depositTokens(address operator) view returns (address[]);
        function count() view returns (uint256);
        function at(uint256 index) view returns (address);
        function autoRedeem(address account, address token) view returns (bytes32 payout);
        function issueLimit(address token) view returns (uint256 perDay, uint256 issuedToday);
        function issuedAt(address token, bytes32 paymentReference) view returns (uint64 height);
        function reserve(address token) view returns (uint256 statementBalance, uint256 supply, bytes32 statement, uint64 asOf);
        function redemption(uint64 id) view returns (Redemption state, address token, address owner, uint256 amount, bytes32 payout, uint64 deadline);
        function redemptions(address account, uint64 from, uint16 n) view returns (uint64[]);
        function accepted(address token) view returns (address[] others, uint256[] limits, uint256[] inHand);
        function acceptance(address token, address other) view returns (uint256 limit, uint256 inHand);
        function payoutTokens(address account) view returns (address[]);
        event BankAdmitted(address indexed operator, string bic);
        event DepositTokenSet(address indexed token, address indexed operator, bytes3 currency);
        event CheckerSet(address indexed operator, address checker);
        event CallApproved(address indexed operator, bytes32 indexed call, address checker, uint64 expiry);
        event IssueLimitSet(address indexed token, uint256 perDay);
        event OperatorChanged(address indexed from, address indexed to);
        event Issued(address indexed token, address indexed to, uint256 amount, bytes32 indexed paymentReference);
        event RedemptionRequested(uint64 indexed id, address indexed token, address indexed owner, uint256 amount, bytes32 payout);
        event RedemptionInstructed(uint64 indexed id, bytes32 message);
        event RedemptionSettled(uint64 indexed id, bytes32 paymentReference);
        event RedemptionRejected(uint64 indexed id, string reason);
        event RedemptionReturned(uint64 indexed id);
        event AutoRedeemSet(address indexed account, address indexed token, bytes32 payout, uint256 minimum);
        event ReserveAttested(address indexed token, uint256 statementBalance, uint256 supply, bytes32 statement, uint64 asOf);
        event AcceptedAtPar(address indexed token, address indexed other, uint256 limit);
        event PayoutTokenSet(address indexed account, address indexed token);
        event Converted(address indexed account, address indexed from, address indexed to, uint256 amount);
        event Recovered(address indexed from, address indexed to, bytes32 reason, uint64 left);
        error NotBank(address account);
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InvalidReceiver(address receiver);
        error LengthMismatch(uint256 left, uint256 right);
        error ZeroAmount();
        error TokenPaused();
        error AccountFrozen(address account);
        error AccountNotAllowed(address account);
        """, refusals: [.call, .bank])
}
