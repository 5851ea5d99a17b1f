import FuzzTargets
import Gateway
import JSON
import Node

extension FuzzTarget {
    /// Bodies of JSON-RPC for all methods of a node that has executed some blocks.
    ///
    /// Whatever the body: the answer is JSON with the id that was asked with, and each error has a code, says
    /// something, and is the caller's own fault.
    static let rpc = FuzzTarget("rpc", seeds: { RPCBodies.seeds }) { (bytes) throws(FuzzFinding) in
        try RPCBodies.check(bytes)
    }
}

private enum RPCBodies {
    /// Each method without and with what many take, and what comes with several calls.
    static var seeds: [[UInt8]] {
        let account = "0x\(String(repeating: "0", count: 36))d101"
        let hash = "0x\(String(repeating: "1", count: 64))"
        let parameters = [
            "[]", #"["\#(account)","latest"]"#, #"["\#(hash)"]"#, "[1,true]",
            #"[{"from":"\#(account)","to":"\#(account)","data":"0x18160ddd","fromBlock":"0x0","address":"\#(account)","topics":[null,["\#(hash)"]]},"0x1"]"#,
        ]
        let calls = SampleNode.shared.methods.flatMap { method in
            parameters.map { #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#($0)}"# }
        }
        let others = [
            #"[{"jsonrpc":"2.0","id":"a","method":"eth_chainId"},{"jsonrpc":"2.0","method":"eth_chainId"},{"id":2}]"#,
            #"{"jsonrpc":"2.0","id":null,"method":"dip_token","params":{"token":"\#(account)"}}"#,
            #"{"jsonrpc":"2.0","id":7,"method":"eth_sendRawTransaction","params":["0x02c0"]}"#,
            #"{"jsonrpc":"2.0","id":7,"method":"dip_sendTransactions","params":[["0x02c0","0x"]]}"#,
        ]
        return (calls + others).map { Array($0.utf8) }
    }

    static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
        let request = try? JSON(parsing: bytes)
        let answer: [UInt8]?
        do throws(RPCError) {
            answer = try SampleNode.shared.answer(bytes)
        } catch {
            guard [-32700, -32600].contains(error.code), !error.message.isEmpty else {
                throw FuzzFinding("rpc: a body is refused with \(error)")
            }
            return
        }
        guard let answer else { return }
        guard let request else { throw FuzzFinding("rpc: what is no JSON is answered") }
        guard let tree = try? JSON(parsing: answer, limits: .trustedFile) else {
            throw FuzzFinding("rpc: the answer is no JSON")
        }
        let answers = tree.array ?? [tree]
        guard answers.count <= request.array?.count ?? 1,
            (tree.array == nil) == (request.array == nil)
        else { throw FuzzFinding("rpc: \(answers.count) answers") }
        for one in answers { try check(one) }
        guard let id = request["id"], tree.array == nil, tree["id"] != id else { return }
        // An id that is none, or that is too long to be sent back.
        guard tree["id"]?.isNull == true, tree["error"]?["code"] == -32600 else {
            throw FuzzFinding("rpc: asked with id \(id), answered with another")
        }
    }

    private static func check(_ answer: JSON) throws(FuzzFinding) {
        guard answer["jsonrpc"] == "2.0", answer["id"] != nil,
            (answer["result"] == nil) != (answer["error"] == nil)
        else { throw FuzzFinding("rpc: the answer is none: \(answer)") }
        guard let error = answer["error"] else { return }
        guard let code = error["code"]?.integer, error["message"]?.string?.isEmpty == false,
            code != -32603
        else { throw FuzzFinding("rpc: answered with the error \(error)") }
    }
}
