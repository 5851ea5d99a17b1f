import Execution
import Ledger
import Settlement

/// Attestations that somebody else brings in.
extension GasWork {
    private func attestBySig(
        _ order: UInt64, by attestor: Int, signer: Int? = nil, gas: UInt64 = 4_000_000_000
    ) -> Call {
        let attestation = EIP712.Attestation(
            order: order, gate: 0, bps: 10_000, evidence: .zero, deadline: 1 << 40)
        let signature = attestation.sign(
            with: accounts.key(signer ?? attestor),
            in: EIP712.Domain(chainID: Genesis.developmentChainID, contract: .orders))
        var call = call(.attestBySig, 7) {
            $0.write(attestation.order)
            $0.write(attestation.gate)
            $0.write(attestation.bps)
            $0.write(word: attestation.evidence)
            $0.write(attestation.deadline)
            $0.write(address(attestor))
            $0.write(bytes: signature.bytes)
        }
        call.gas = gas
        return call
    }

    mutating func signedRows() throws {
        let count = 300
        let small = try opened(terms(lines: 1, gates: 1), count)
        forget()
        try add(
            "attestBySig, one line, read anew, in a batch",
            [batch((0..<count).map { attestBySig(small + UInt64($0), by: 100) })])
        forget()
        try add(
            "attestBySig refused, another's signature, one each",
            (0..<count).map { attestBySig(small + UInt64($0), by: 101, signer: 102, gas: 40_000) },
            mayFail: true)
        let large = try opened(terms(lines: 1024, gates: 64), count)
        forget()
        try add(
            "attestBySig refused for want of gas, 1,024 lines, 64 gates of 32, read anew, one each",
            (0..<count).map { attestBySig(large + UInt64($0), by: 100, gas: 60_000) },
            mayFail: true)
    }
}
