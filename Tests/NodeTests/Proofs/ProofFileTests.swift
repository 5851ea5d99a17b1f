import Foundation
import JSON
import Ledger
import Testing

@testable import Node

/// Proofs as files that went through strange hands.
struct ProofFileTests {
    static let genesis = ProofTests.ledger.genesis

    static let documents: [ProofDocument] = try! [
        ProofTests.ledger.receipt(8, 1), ProofTests.ledger.receipt(8, 3),
        ProofTests.ledger.balance(ProvenLedger.keys[6].address),
    ]

    static func json(_ document: ProofDocument) throws -> JSON {
        try JSON(parsing: document.text)
    }

    /// Whether a document is refused, at whatever step.
    private func isRefused(_ json: JSON) -> Bool {
        guard let document = try? ProofDocument(json) else { return true }
        return (try? document.verify(with: Self.genesis)) == nil
    }

    /// Calls `body` with the same value but for one change, for each byte of each hexadecimal text, or of
    /// every so many bytes for one.
    private func forEachFlip(_ json: JSON, every step: Int, _ body: (JSON) -> Void) {
        switch json {
        case .string(let text) where text.hasPrefix("0x"):
            guard let bytes = json.data else { return }
            for index in stride(from: 0, to: bytes.count, by: step) {
                var changed = bytes
                changed[index] ^= 1 << UInt8(index % 8)
                body(.data(changed))
            }
        case .array(let elements):
            for index in elements.indices {
                forEachFlip(elements[index], every: step) { element in
                    var changed = elements
                    changed[index] = element
                    body(.array(changed))
                }
            }
        case .object(let members):
            for index in members.indices {
                forEachFlip(members[index].value, every: step) { value in
                    var changed = members
                    changed[index] = JSON.Member(members[index].name, value)
                    body(.object(changed))
                }
            }
        default: break
        }
    }

    @Test(arguments: documents.indices)
    func `a file with any byte changed is refused`(_ index: Int) throws {
        let json = try Self.json(Self.documents[index])
        #expect(!isRefused(json))
        var flips = 0
        var taken = 0
        // What the files have in common is tried in full once.
        forEachFlip(json, every: index == 0 ? 1 : 5) { changed in
            flips += 1
            if !isRefused(changed) { taken += 1 }
        }
        #expect(flips > 400)
        #expect(taken == 0)
    }

    @Test(arguments: documents.indices)
    func `a file is read as it was written, and nothing else is`(_ index: Int) throws {
        let document = Self.documents[index]
        #expect(try ProofDocument(parsing: Array(document.text.utf8)) == document)
        let members = try #require(Self.json(document).object)
        for place in members.indices {
            var fewer = members
            fewer.remove(at: place)
            #expect(throws: ProofDocumentFault("\(members[place].name): missing")) {
                try ProofDocument(.object(fewer))
            }
            var wrong = members
            wrong[place] = JSON.Member(members[place].name, [1, 2])
            #expect(throws: ProofDocumentFault.self) { try ProofDocument(.object(wrong)) }
        }
        #expect(throws: ProofDocumentFault("certificates: unknown")) {
            try ProofDocument(.object(members + [JSON.Member("certificates", "0x")]))
        }
    }

    @Test func `sides, places and the ledger's name are part of what is proved`() throws {
        func replaced(_ document: ProofDocument, _ part: String, _ other: String) throws -> JSON {
            let changed = document.text.replacing(part, with: other, maxReplacements: 1)
            #expect(changed != document.text)
            return try JSON(parsing: changed)
        }
        let documents = Self.documents
        #expect(isRefused(try replaced(documents[0], "\"index\":1", "\"index\":2")))
        #expect(isRefused(try replaced(documents[0], "\"index\":1", "\"index\":1.0")))
        #expect(isRefused(try replaced(documents[0], "88001", "88002")))
        #expect(isRefused(try replaced(documents[0], "\"right\"", "\"left\"")))
        #expect(isRefused(try replaced(documents[2], "\"right\"", "\"left\"")))
        #expect(isRefused(try replaced(documents[2], "balance proof", "receipt proof")))
        #expect(isRefused(try replaced(documents[0], "proof 1", "proof 2")))
    }

    @Test func `what is no proof is refused by what is wrong`() {
        for (text, why) in [
            ("", "the file is no JSON"), ("[]", "the file: expected an object"),
            ("{}", "format: missing"), (#"{"format": 1}"#, "format: expected a text"),
            (
                #"{"format": "x", "chainId": 1, "genesis": "0x00"}"#,
                "genesis: expected 32 bytes"
            ),
            (
                #"{"format": "x", "chainId": -1, "genesis": "0x00"}"#,
                "chainId: expected a whole number"
            ),
        ] {
            do throws(ProofDocumentFault) {
                _ = try ProofDocument(parsing: Array(text.utf8))
                Issue.record("it was taken")
            } catch {
                #expect(error.description.contains(why), "\(error)")
            }
        }
        let large = [UInt8](repeating: 0x20, count: ProofDocument.byteLimit + 1)
        #expect(throws: ProofDocumentFault("the file is larger than 64 MiB")) {
            try ProofDocument(parsing: large)
        }
    }

    /// A golden file: what was proved once must stay proved.
    @Test func `the file of a proof is that which is written down`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "receipt-proof.json")
        let text = Self.documents[0].text
        if ProcessInfo.processInfo.environment["REWRITE"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }
}
