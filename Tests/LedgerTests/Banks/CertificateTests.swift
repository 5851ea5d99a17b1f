import Ledger
import Testing

struct CertificateTests {
    @Test func `enough banks make a certificate`() throws {
        let signers = try Consortium.certificate([0, 2])
            .verify(chainID: Consortium.chainID, set: Consortium.set)
        #expect(Set(signers.map(\.id)) == [1, 3])
        try Consortium.certificate([0, 1, 2]).verify(in: Consortium.domain, set: Consortium.set)
    }

    static func fault(_ certificate: Certificate, set: BankSet = Consortium.set)
        -> CertificateFault?
    {
        do throws(CertificateFault) {
            try certificate.verify(chainID: Consortium.chainID, set: set)
            return nil
        } catch {
            return error
        }
    }

    @Test func `what does not make a certificate says why`() {
        let height = Consortium.height
        #expect(
            Self.fault(Consortium.certificate([1]))
                == .notEnough(height: height, signatures: 1, needed: 2))
        #expect(
            Self.fault(Consortium.certificate([0, 1, 2, 4]))
                == .tooMany(height: height, signatures: 4))
        #expect(
            Self.fault(Consortium.certificate([0, 0])) == .outOfOrder(height: height, index: 1))
        let ordered = Consortium.certificate([0, 1]).signatures
        #expect(
            Self.fault(
                Certificate(
                    height: height, header: Consortium.header, signatures: ordered.reversed()))
                == .outOfOrder(height: height, index: 1))
        // An operator's key signs no headers, nor does a stranger's.
        for key in [3, 4] {
            #expect(
                Self.fault(Consortium.certificate([key, 0]))
                    == .notABank(height: height, account: Consortium.keys[key].address))
        }
        let high = Signature(r: ordered[0].r, s: .allOnes, yParity: ordered[0].yParity)
        #expect(
            Self.fault(
                Certificate(
                    height: height, header: Consortium.header, signatures: [high, ordered[1]]))
                == .badSignature(height: height, index: 0))
    }

    @Test func `signatures under another header, height or ledger are nobody's`() throws {
        let good = Consortium.certificate([0, 1])
        for changed in [
            Certificate(
                height: good.height, header: Consortium.otherHeader, signatures: good.signatures),
            Certificate(height: 1, header: good.header, signatures: good.signatures),
        ] {
            switch try #require(Self.fault(changed)) {
            case .notABank, .badSignature: break
            case let other: Issue.record("\(other)")
            }
        }
        #expect(throws: CertificateFault.self) {
            try good.verify(chainID: 1, set: Consortium.set)
        }
    }

    @Test func `two headers of one height under one key convict it`() throws {
        let evidence = DoubleVote(
            Consortium.vote(1), Consortium.vote(1, for: Consortium.otherHeader))
        #expect(
            try evidence.signer(chainID: Consortium.chainID) == Consortium.keys[1].address)
        #expect(
            DoubleVote(Consortium.vote(1, for: Consortium.otherHeader), Consortium.vote(1))
                == evidence)
    }

    @Test func `what convicts nobody says why`() throws {
        func fault(_ evidence: DoubleVote) -> DoubleVoteFault? {
            do throws(DoubleVoteFault) {
                _ = try evidence.signer(chainID: Consortium.chainID)
                return nil
            } catch {
                return error
            }
        }
        let one = Consortium.vote(0)
        let later = HeaderVote(
            height: one.height + 1, header: Consortium.otherHeader, signedBy: Consortium.keys[0],
            in: Consortium.domain)
        #expect(
            fault(DoubleVote(one, later)) == .differentHeights(one.height, one.height + 1))
        #expect(fault(DoubleVote(one, one)) == .sameHeader)
        #expect(
            fault(DoubleVote(one, Consortium.vote(1, for: Consortium.otherHeader)))
                == .differentSigners(Consortium.keys[0].address, Consortium.keys[1].address))
        let forged = HeaderVote(
            height: one.height, header: Consortium.otherHeader,
            signature: Signature(r: .zero, s: .zero, yParity: 0))
        #expect(fault(DoubleVote(one, forged)) == .badSignature)
        let right = DoubleVote(one, Consortium.vote(0, for: Consortium.otherHeader))
        let swapped = try DoubleVote(
            decoding: [1] + right.second.bytes + right.first.bytes)
        #expect(fault(swapped) == .outOfOrder)
    }
}
