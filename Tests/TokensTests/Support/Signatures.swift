import Ledger

/// A function as a client knows it: its signature and the types of its results.
struct Function {
    let signature: String
    let returns: [String]

    init(_ signature: String, _ returns: String...) {
        self.signature = signature
        self.returns = returns
    }

    var name: String { String(signature.prefix { $0 != "(" }) }
    /// The arguments' types, if none of them is a tuple.
    var types: [String] {
        signature.dropFirst(name.count + 1).dropLast().split(separator: ",").map(String.init)
    }
    var selector: UInt32 { Selector.of(signature) }

    static let money = [
        Function("name()", "string"), Function("symbol()", "string"),
        Function("decimals()", "uint8"), Function("totalSupply()", "uint256"),
        Function("balanceOf(address)", "uint256"),
        Function("transfer(address,uint256)", "bool"),
        Function("approve(address,uint256)", "bool"),
        Function("allowance(address,address)", "uint256"),
        Function("transferFrom(address,address,uint256)", "bool"),
        Function("transferBatch(address[],uint256[])", "bool"),
        Function("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"),
        Function("nonces(address)", "uint256"), Function("DOMAIN_SEPARATOR()", "bytes32"),
        Function("eip712Domain()"),
    ]

    static let fees = [
        Function("grantFees(address,uint256,uint64)"),
        Function("feeGrant(address,address)", "uint256", "uint64"),
        Function("feePayer(address)", "address"), Function("setFeePayer(address)"),
    ]

    static let factory = [
        Function("create((string,string,uint8,uint256,uint256,uint64,string))", "address"),
        Function("count()", "uint256"), Function("at(uint256)", "address"),
    ]

    static let controls = [
        Function("mint(address,uint256)"), Function("burn(uint256)"),
        Function("burnFrom(address,uint256)"), Function("pause()"), Function("unpause()"),
        Function("freeze(address,bool)"), Function("allow(address,bool)"),
        Function("clawback(address,address,uint256,bytes32)"), Function("releaseHeld(address)"),
        Function("grantRole(bytes32,address)"), Function("revokeRole(bytes32,address)"),
        Function("renounceRole(bytes32,address)"),
    ]

    static let views = [
        Function("paused()", "bool"), Function("controls()", "uint64"),
        Function("cap()", "uint256"), Function("isFrozen(address)", "bool"),
        Function("isAllowed(address)", "bool"), Function("uri()", "string"),
        Function("contractURI()", "string"),
        Function("issuer()", "address"), Function("heldOf(address)", "uint256"),
        Function("hasRole(bytes32,address)", "bool"),
        Function("getRoleAdmin(bytes32)", "bytes32"), Function("DEFAULT_ADMIN_ROLE()", "bytes32"),
        Function("MINTER_ROLE()", "bytes32"), Function("PAUSER_ROLE()", "bytes32"),
        Function("FREEZER_ROLE()", "bytes32"), Function("CLAWBACK_ROLE()", "bytes32"),
        Function("ALLOWER_ROLE()", "bytes32"), Function("supportsInterface(bytes4)", "bool"),
    ]

    static let all = money + fees + factory + controls + views

    static func named(_ name: String) -> Function? { all.first { $0.name == name } }
}

/// An event as a client knows it: the types of its indexed and of its other arguments.
struct Event {
    let name: String
    let indexed: [String]
    let others: [String]

    var topic: Hash32 {
        Selector.topic(name + "(" + order.joined(separator: ",") + ")")
    }

    /// All types in the order of the signature; indexed ones first but for `Held` and none else.
    private var order: [String] {
        name == "Held" ? ["address", "uint256", "uint64"] : indexed + others
    }

    static let all = [
        Event(name: "Transfer", indexed: ["address", "address"], others: ["uint256"]),
        Event(name: "Approval", indexed: ["address", "address"], others: ["uint256"]),
        Event(name: "TokenCreated", indexed: ["address", "address"], others: ["string"]),
        Event(name: "RoleGranted", indexed: ["bytes32", "address", "address"], others: []),
        Event(name: "RoleRevoked", indexed: ["bytes32", "address", "address"], others: []),
        Event(name: "Paused", indexed: [], others: ["address"]),
        Event(name: "Unpaused", indexed: [], others: ["address"]),
        Event(name: "FreezeSet", indexed: ["address"], others: ["bool", "address"]),
        Event(name: "AllowSet", indexed: ["address"], others: ["bool", "address"]),
        Event(
            name: "ClawedBack", indexed: ["address", "address"], others: ["uint256", "bytes32"]),
        Event(name: "Held", indexed: ["address", "uint64"], others: ["uint256"]),
        Event(name: "HeldReleased", indexed: ["address"], others: ["uint256"]),
        Event(name: "FeeGranted", indexed: ["address", "address"], others: ["uint256", "uint64"]),
        Event(name: "FeePayerSet", indexed: ["address", "address"], others: []),
    ]
}
