import Ledger

/// Legal entities and governance.
extension ContractInterface {
    /// 0x…d106.
    public static let entities = ContractInterface(
        "Entities", at: .entities,
        """
        struct Entity { bytes32 lei; string creditCode; string name; string industry; address bank; uint64 since; bool active; }
        function attest(address account, Entity entity);
        function revoke(address account);
        function entity(address account) view returns (Entity);
        event Attested(address indexed account, address indexed bank, bytes32 lei);
        event Revoked(address indexed account, address indexed bank);
        error NotBank(address account);
        """, refusals: [.call, .entity])

    /// 0x…d107.
    public static let governance = ContractInterface(
        "Governance", at: .treasury,
        """
        enum Kind { AdmitBank, RemoveBank, RotateKey, SetParameter, AdmitReviewer, RemoveReviewer, PayTreasury, ActivateVersion, SuspendTemplate }
        enum Stage { Open, Decided, Enacted, Failed, Expired }
        function propose(Kind kind, bytes data, uint64 expiry) returns (uint64);
        function vote(uint64 id, bool yes);
        function parameter(string name) view returns (uint256);
        function banks() view returns (address[]);
        function proposal(uint64 id) view returns (Kind kind, bytes data, address[] yes, address[] no, uint64 expiry, bool enacted);
        function outcome(uint64 id) view returns (Stage stage, uint64 height);
        function count() view returns (uint64);
        function reviewers() view returns (address[]);
        event Proposed(uint64 indexed id, address indexed by, Kind kind, bytes data);
        event Voted(uint64 indexed id, address indexed bank, bool yes);
        event Decided(uint64 indexed id, uint64 height);
        event Enacted(uint64 indexed id, uint64 height);
        event Failed(uint64 indexed id, uint64 height, string why);
        event EpochPaid(uint64 indexed epoch, uint256 fees, uint256 paid);
        """, refusals: [.call, .governance])
}
