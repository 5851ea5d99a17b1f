import Ledger
import Tokens

/// Arguments and results as scenarios write them.
extension Desk {
    /// Encodes a call from words of text.
    func encode(_ function: Function, _ words: [String]) -> [UInt8]? {
        guard words.count == function.types.count else { return nil }
        var writer = ABIWriter(selector: function.selector, words: words.count)
        for (type, word) in zip(function.types, words) {
            switch type {
            case "address[]":
                let accounts = word.split(separator: ",").map { address(String($0)) }
                guard accounts.allSatisfy({ $0 != nil }) else { return nil }
                writer.write(array: accounts.compactMap { $0 })
            case "uint256[]":
                let numbers = word.split(separator: ",").map { number(String($0)) }
                guard numbers.allSatisfy({ $0 != nil }) else { return nil }
                writer.write(array: numbers.compactMap { $0 })
            case "bytes4":
                guard let bytes = Hex.decode(word), bytes.count == 4 else { return nil }
                writer.write(fixedBytes: bytes)
            default:
                guard let value = self.word(word, type) else { return nil }
                writer.write(word: value)
            }
        }
        return writer.finish()
    }

    private func word(_ word: String, _ type: String) -> Hash32? {
        switch type {
        case "address": address(word).map { Hash32(word: $0) }
        case "bool": ["yes": Hash32(0, 0, 0, 1), "no": .zero][word]
        case "bytes32": TokenRole(rawValue: word)?.id ?? number(word) ?? Hash32(hex: word)
        default: number(word)
        }
    }

    /// A decimal number, `max` for 2^256 − 1, `2^128`, or `2^128-1`.
    private func number(_ word: String) -> Hash32? {
        switch word {
        case "max": .allOnes
        case "2^128": Hash32(0, 1, 0, 0)
        case "2^128-1": Hash32(word: UInt128.max)
        case "2^127": Hash32(word: UInt128(1) << 127)
        default: UInt128(word).map { Hash32(word: $0) }
        }
    }

    /// Encodes the creation of a token from `SYMBOL key=value …`.
    func encodeCreate(_ words: [String]) -> [UInt8]? {
        guard let symbol = words.first else { return nil }
        var new = ITokens.NewToken(
            name: symbol, symbol: symbol, decimals: 2, cap: 0, initialSupply: 0, controls: 0,
            uri: "")
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            let value = String(parts[1])
            switch parts[0] {
            case "name": new.name = value
            case "symbol": new.symbol = value
            case "decimals": new.decimals = UInt8(value) ?? 0
            case "cap": new.cap = number(value)?.number ?? 0
            case "supply": new.initialSupply = number(value)?.number ?? 0
            case "uri": new.uri = value
            case "longuri": new.uri = String(repeating: "x", count: Int(value) ?? 0)
            case "controls": new.controls = Self.controls(value)
            default: return nil
            }
        }
        var writer = ABIWriter(
            selector: Selector.of("create((string,string,uint8,uint256,uint256,uint64,string))"),
            words: 1)
        writer.write(new)
        return writer.finish()
    }

    private static func controls(_ names: String) -> UInt64 {
        let known: [Substring: TokenControls] = [
            "mint": .mint, "burn": .burn, "pause": .pause, "freeze": .freeze,
            "clawback": .clawback, "allowlist": .allowList,
        ]
        return names.split(separator: ",").reduce(0) {
            $0 | (known[$1]?.rawValue ?? UInt64($1) ?? 0)
        }
    }

    // MARK: Printing

    func show(_ word: Hash32, _ type: String) -> String {
        switch type {
        case "address": word.address.map { name($0) } ?? word.hex
        case "bool": word == .zero ? "no" : "yes"
        case "bytes32":
            word == .zero
                ? "0"
                : TokenRole.allCases.first { $0.id == word }?.rawValue
                    ?? word.number.map { String($0) } ?? word.hex
        default: word == .allOnes ? "max" : word.number.map { String($0) } ?? word.hex
        }
    }

    /// Shows ABI-encoded values.
    func show(_ bytes: [UInt8], _ types: [String]) -> String {
        var reader = ABIReader(bytes)
        var values: [String] = []
        for type in types {
            if type == "string" {
                values.append((try? reader.string()).map { "\"\($0)\"" } ?? "?")
            } else {
                values.append((try? reader.word()).map { show($0, type) } ?? "?")
            }
        }
        let isWhole = (try? reader.finish()) != nil
        return values.joined(separator: " ") + (isWhole ? "" : " and more")
    }

    func show(_ log: Log) -> String {
        guard let event = Event.all.first(where: { $0.topic == log.topics.first }),
            log.topics.count == event.indexed.count + 1
        else { return "unknown log" }
        var words = [name(log.address), event.name]
        words += zip(log.topics.dropFirst(), event.indexed).map { show($0, $1) }
        if !event.others.isEmpty || !log.data.isEmpty { words.append(show(log.data, event.others)) }
        return words.joined(separator: " ")
    }

    func show(_ rejection: Rejection) -> String {
        let arguments = rejection.parts.arguments.map { argument in
            switch argument {
            case .address(let address): name(address)
            case .uint(let value, _): String(value)
            case .uint256(let word): show(word, "uint256")
            case .bytes32(let word): show(word, "bytes32")
            case .bytes4(let value): "0x" + String(value, radix: 16)
            case .string(let text): "\"\(text)\""
            case .bytes(let bytes): Hex.encode(bytes)
            }
        }
        return "refused \(rejection.name)(" + arguments.joined(separator: ", ") + ")"
    }
}
