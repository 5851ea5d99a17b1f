import Ledger

/// Templates.
extension ContractInterface {
    /// 0x…d104.
    public static let templates = ContractInterface(
        "Templates", at: .templates,
        """
        enum Status { None, Draft, Active, Rejected, Deprecated, Suspended }
        struct Review { address reviewer; bool approved; bytes32 report; }
        function publish(string json, bytes32 replaces) payable returns (bytes32);
        function review(bytes32 id, bool approve, bytes32 report);
        function deprecate(bytes32 id);
        function open(bytes32 id, string bindings, IOrders.Pledge[] sources) payable returns (uint64);
        function quote(bytes32 id, string bindings) view returns (uint256 royalty, uint256 gas);
        function preview(bytes32 id, string bindings) view returns (IOrders.Terms);
        function template(bytes32 id) view returns (Status status, address developer, string json, uint256 uses, uint256 earned);
        function count() view returns (uint256);
        function at(uint256 index) view returns (bytes32);
        function reviews(bytes32 id) view returns (Review[]);
        function publicationCost() view returns (uint256 fee, uint256 deposit);
        event Published(bytes32 indexed id, address indexed developer, string name, bytes32 replaces);
        event Reviewed(bytes32 indexed id, address indexed reviewer, bool approved, bytes32 report);
        event StatusChanged(bytes32 indexed id, Status status);
        event RoyaltyPaid(bytes32 indexed id, uint64 indexed order, uint256 amount);
        """, importing: [("IOrders", ordersText)],
        refusals: [.call, .money, .token, .order, .claim, .template])
}
