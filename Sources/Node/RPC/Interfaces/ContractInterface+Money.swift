import Ledger

/// DIP, the factory and issued tokens.
extension ContractInterface {
    /// What DIP and issued tokens have alike: ERC-20, its metadata, ERC-2612 and ERC-5267.
    private static let money = """
        function name() view returns (string);
        function symbol() view returns (string);
        function decimals() view returns (uint8);
        function totalSupply() view returns (uint256);
        function balanceOf(address account) view returns (uint256);
        function allowance(address owner, address spender) view returns (uint256);
        function transfer(address to, uint256 amount) returns (bool);
        function approve(address spender, uint256 amount) returns (bool);
        function transferFrom(address from, address to, uint256 amount) returns (bool);
        function transferBatch(address[] to, uint256[] amounts) returns (bool);
        function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s);
        function nonces(address owner) view returns (uint256);
        function DOMAIN_SEPARATOR() view returns (bytes32);
        function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions);
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);

        """

    /// 0x…d100.
    public static let dip = ContractInterface(
        "Dip", at: .dip,
        money + """
            function grantFees(address to, uint256 limit, uint64 expiry);
            function feeGrant(address from, address to) view returns (uint256 left, uint64 expiry);
            function feePayer(address account) view returns (address);
            function setFeePayer(address payer);
            event FeeGranted(address indexed from, address indexed to, uint256 limit, uint64 expiry);
            event FeePayerSet(address indexed account, address indexed payer);
            """, refusals: [.call, .money])

    /// 0x…d101; what its tokens refuse for want of a control is declared here, too.
    public static let tokens = ContractInterface(
        "Tokens", at: .tokens,
        """
        struct NewToken { string name; string symbol; uint8 decimals; uint256 cap; uint256 initialSupply; uint64 controls; string uri; }
        function create(NewToken token) returns (address);
        function count() view returns (uint256);
        function at(uint256 index) view returns (address);
        event TokenCreated(address indexed token, address indexed issuer, string symbol);
        error ControlNotEnabled(uint64 control);
        """, refusals: [.call, .factory])

    /// Every issued token, at its own address.
    public static let token = ContractInterface(
        "Token", at: nil,
        money + """
            function mint(address to, uint256 amount);
            function burn(uint256 amount);
            function burnFrom(address from, uint256 amount);
            function pause();
            function unpause();
            function freeze(address account, bool frozen);
            function allow(address account, bool allowed);
            function clawback(address from, address to, uint256 amount, bytes32 reason);
            function releaseHeld(address account);
            function grantRole(bytes32 role, address account);
            function revokeRole(bytes32 role, address account);
            function renounceRole(bytes32 role, address callerConfirmation);
            function paused() view returns (bool);
            function controls() view returns (uint64);
            function cap() view returns (uint256);
            function isFrozen(address account) view returns (bool);
            function isAllowed(address account) view returns (bool);
            function heldOf(address account) view returns (uint256);
            function uri() view returns (string);
            function contractURI() view returns (string);
            function issuer() view returns (address);
            function hasRole(bytes32 role, address account) view returns (bool);
            function getRoleAdmin(bytes32 role) view returns (bytes32);
            function DEFAULT_ADMIN_ROLE() view returns (bytes32);
            function MINTER_ROLE() view returns (bytes32);
            function PAUSER_ROLE() view returns (bytes32);
            function FREEZER_ROLE() view returns (bytes32);
            function CLAWBACK_ROLE() view returns (bytes32);
            function ALLOWER_ROLE() view returns (bytes32);
            function supportsInterface(bytes4 interfaceId) view returns (bool);
            event Paused(address by);
            event Unpaused(address by);
            event FreezeSet(address indexed account, bool frozen, address by);
            event AllowSet(address indexed account, bool allowed, address by);
            event ClawedBack(address indexed from, address indexed to, uint256 amount, bytes32 reason);
            event Held(address indexed account, uint256 amount, uint64 indexed order);
            event HeldReleased(address indexed account, uint256 amount);
            event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);
            event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);
            """, refusals: [.call, .money, .token, .control])
}
