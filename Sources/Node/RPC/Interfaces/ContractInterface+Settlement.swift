import Ledger

/// Orders, claims and batches.
extension ContractInterface {
    static let ordersText = """
        enum OnTimeout { Fail, Meet, Arbitrate }
        enum GateState { Pending, Met, Failed, Disputed }
        enum Status { None, Proposed, Open, Closed }
        struct Line { uint16 tier; address payee; uint256 amount; uint8 gate; }
        struct Gate { address[] attestors; uint8 threshold; uint64 notBefore; uint64 deadline; OnTimeout onTimeout; uint8 follows; bool silenceMeets; uint64 arbitrationPeriod; }
        struct Terms { address token; address buyer; address arbiter; uint64 dueAt; bytes32 document; Line[] lines; Gate[] gates; }
        struct Pledge { uint64 order; uint16 line; uint256 units; }
        struct LineView { uint16 tier; address payee; uint256 amount; uint256 voided; uint256 paid; uint256 allocated; uint8 gate; }
        struct GateView { Gate terms; GateState state; address[] said; uint16[] shares; uint64 opensAt; uint64 dueAt; uint64 arbitrationEndsAt; uint16 bps; uint64 closedAt; }
        struct OrderView { Status status; address token; address buyer; address proposer; address arbiter; uint64 openedAt; uint64 dueAt; bytes32 document; bytes32 templateId; uint256 price; uint256 funded; uint256 refunded; uint256 outstanding; address guarantor; uint256 guarantee; uint64 reimbursement; uint16 lineCount; uint8 gateCount; }
        function open(Terms terms) returns (uint64);
        function openFrom(Terms terms, Pledge[] sources) returns (uint64);
        function accept(uint64 order);
        function decline(uint64 order);
        function consent(bool on);
        function fund(uint64 order, uint256 amount);
        function attest(uint64 order, uint8 gate, uint16 bps, bytes32 evidence);
        function attestBySig(uint64 order, uint8 gate, uint16 bps, bytes32 evidence, uint64 deadline, address attestor, bytes signature);
        function dispute(uint64 order, uint8 gate, bytes32 reason);
        function resolve(uint64 order, uint8 gate, uint16 bps);
        function waive(uint64 order, uint16 line, uint256 units);
        function guarantee(uint64 order, uint256 amount);
        function setOff(uint64[] orders, uint256[] amounts);
        function consents(address account) view returns (bool);
        function order(uint64 id) view returns (OrderView);
        function lines(uint64 id, uint16 from, uint16 n) view returns (LineView[]);
        function gates(uint64 id) view returns (GateView[]);
        function count() view returns (uint64);
        function ordersOf(address account, uint64 from, uint16 n) view returns (uint64[]);
        event Opened(uint64 indexed order, address indexed buyer, address indexed token, uint256 price, bytes32 templateId);
        event Accepted(uint64 indexed order);
        event Declined(uint64 indexed order, address indexed by);
        event ConsentSet(address indexed account, bool on);
        event Funded(uint64 indexed order, address indexed from, uint256 amount, uint64 fromOrder);
        event Attested(uint64 indexed order, uint8 gate, address indexed attestor, uint16 bps, bytes32 evidence);
        event GateClosed(uint64 indexed order, uint8 gate, GateState state, uint16 bps);
        event Paid(uint64 indexed order, uint16 line, address indexed to, uint64 indexed toOrder, uint256 amount);
        event Voided(uint64 indexed order, uint16 line, uint256 units);
        event Refunded(uint64 indexed order, address indexed to, uint64 toOrder, uint256 amount);
        event Disputed(uint64 indexed order, uint8 gate, address indexed by, bytes32 reason);
        event Resolved(uint64 indexed order, uint8 gate, uint16 bps);
        event Pledged(uint64 indexed order, uint16 line, uint64 indexed child, uint256 units);
        event GuaranteeReturned(uint64 indexed order, address indexed guarantor, uint256 amount);
        event Guaranteed(uint64 indexed order, address indexed guarantor, uint256 amount);
        event GuaranteeDrawn(uint64 indexed order, address indexed guarantor, uint256 amount, uint64 reimbursement);
        event SetOff(uint64 indexed order, uint256 amount);
        event Closed(uint64 indexed order);
        """

    /// 0x…d102.
    public static let orders = ContractInterface(
        "Orders", at: .orders, ordersText,
        refusals: [.call, .money, .token, .order, .claim, .signature])

    /// 0x…d103.
    public static let claims = ContractInterface(
        "Claims", at: .claims,
        """
        struct Holding { address holder; uint64 order; uint256 units; }
        struct Offer { address seller; uint64 order; uint16 line; uint256 units; uint256 price; address onlyTo; uint64 expiry; bool open; }
        function transfer(uint64 order, uint16 line, address to, uint256 units);
        function pledge(uint64 order, uint16 line, uint64 child, uint256 units);
        function offer(uint64 order, uint16 line, uint256 units, uint256 price, uint256 maxAhead, address onlyTo, uint64 expiry) returns (uint64);
        function buy(uint64 offerId);
        function withdraw(uint64 offerId);
        function holders(uint64 order, uint16 line) view returns (Holding[]);
        function offers(uint64 offerId) view returns (Offer);
        function claimsOf(address account, uint64 from, uint16 n) view returns (uint256[] ids, uint256[] units);
        function balanceOf(address account, uint256 id) view returns (uint256);
        function balanceOfBatch(address[] accounts, uint256[] ids) view returns (uint256[]);
        function setApprovalForAll(address operator, bool approved);
        function isApprovedForAll(address account, address operator) view returns (bool);
        function safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes data);
        function safeBatchTransferFrom(address from, address to, uint256[] ids, uint256[] values, bytes data);
        function supportsInterface(bytes4 interfaceId) view returns (bool);
        event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value);
        event TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values);
        event ApprovalForAll(address indexed account, address indexed operator, bool approved);
        event Offered(uint64 indexed offerId, address indexed seller, uint64 indexed order, uint16 line, uint256 units, uint256 price);
        event Bought(uint64 indexed offerId, address indexed buyer);
        event Withdrawn(uint64 indexed offerId);
        """, refusals: [.call, .money, .token, .order, .claim, .claimToken])

    /// 0x…d109.
    public static let batch = ContractInterface(
        "Batch", at: .batch,
        """
        struct Call { address to; bytes data; uint256 value; }
        function execute(Call[] calls) payable returns (bytes[]);
        """, refusals: [.call, .batch])
}
