import ISO20022
import JSON
import Ledger
import Replica

extension FuzzTarget {
    /// What comes over sockets.
    static let wire: [FuzzTarget] = [
        FuzzTarget(
            "json", seeds: { [Array(#"{"a":[1,-2.5e3,"é\u00e9",true,null,{}]}"#.utf8)] }
        ) { (bytes) throws(FuzzFinding) in
            guard let value = try? JSON(parsing: bytes) else { return }
            var writer = JSONWriter()
            writer.value(value)
            guard (try? JSON(parsing: writer.bytes)) == value else {
                throw FuzzFinding("json: a value is another one when written and read again")
            }
        },
        FuzzTarget("xml", seeds: { [notification] }) { bytes in
            guard var reader = try? MessageReader(bytes: bytes) else { return }
            while (try? reader.next()) != nil {}
        },
        .canonical("peer", seeds: { PeerSamples.all }) { bytes in
            var writer = ByteWriter()
            try PeerMessage(decoding: bytes).write(to: &writer)
            return writer.bytes
        },
    ]

    private static let notification = Array(
        """
        <?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">\
        <BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>1</MsgId><CreDtTm>2026-01-02T03:04:05Z</CreDtTm></GrpHdr><Ntfctn>\
        <Id>2</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct><Ntry><Amt Ccy="EUR">12.50</Amt>\
        <CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>3</AcctSvcrRef><BkTxCd/></Ntry></Ntfctn>\
        </BkToCstmrDbtCdtNtfctn></Document>
        """.utf8)
}

/// A message of each kind that needs no ledger.
private enum PeerSamples {
    static var all: [[UInt8]] {
        let messages: [PeerMessage] = [
            .status(
                PeerStatus(
                    height: 7, certified: 6, oldest: 1, timeMillis: 1_000, version: 1,
                    isServing: true)),
            .transactions([LedgerSamples.transaction]),
        ]
        return messages.map { message in
            var writer = ByteWriter()
            message.write(to: &writer)
            return writer.bytes
        }
    }
}
