import Dispatch
import Ledger
import Synchronization

/// Checks certificates beside the execution of later blocks.
final class CertificateChecks: Sendable {
    private let chainID: UInt64
    private let workers = DispatchQueue(label: "certificates", attributes: .concurrent)
    private let group = DispatchGroup()
    private let seen = Mutex(Seen())

    private struct Seen {
        var first: AuditFinding?
        var count: UInt64 = 0
        var last: UInt64 = 0
    }

    init(chainID: UInt64) { self.chainID = chainID }

    /// Queues a certificate.
    ///
    /// - Parameters:
    ///   - bytes: as stored.
    ///   - header: of the block that it is stored with.
    ///   - set: the banks that sign that header.
    func check(_ bytes: [UInt8], of header: Header, by set: BankSet) {
        workers.async(group: group) { [self] in
            let fault = Self.fault(bytes, of: header, by: set, chainID: chainID)
            seen.withLock { seen in
                if let fault {
                    if seen.first.map({ header.height < $0.height }) ?? true {
                        seen.first = AuditFinding(height: header.height, fault)
                    }
                } else {
                    seen.count += 1
                    seen.last = max(seen.last, header.height)
                }
            }
        }
    }

    /// What is wrong with a certificate, nil if it certifies the block.
    static func fault(
        _ bytes: [UInt8], of header: Header, by set: BankSet, chainID: UInt64
    ) -> String? {
        do {
            try CertifiedHeader(header, Certificate(decoding: bytes))
                .verify(by: set, in: .headers(chainID: chainID))
            return nil
        } catch {
            return "its certificate is not valid: \(error)"
        }
    }

    /// The fault at the lowest height that was found so far.
    var finding: AuditFinding? { seen.withLock { $0.first } }

    /// Waits for all, and tells how many were right and the last one of these.
    func finish() -> (count: UInt64, last: UInt64) {
        group.wait()
        return seen.withLock { ($0.count, $0.last) }
    }
}
