/// Characters that nobody sees, or that make others show in another place: in a text that people sign for, two
/// that look the same must be the same.
///
/// They are those with one of the properties Bidi_Control and Default_Ignorable_Code_Point, and those of the
/// category Cf: marks of direction, joiners, variation selectors, tags. The table is part of the rules and
/// not the standard library's, since all nodes must read a text alike whatever Unicode they were built with.
///
/// - Source: Unicode 15.0, `DerivedCoreProperties.txt`, `PropList.txt`, `DerivedGeneralCategory.txt`.
package enum UnseenCharacters {
    private static let ranges: [ClosedRange<UInt32>] = [
        0xad...0xad, 0x34f...0x34f, 0x600...0x605, 0x61c...0x61c, 0x6dd...0x6dd, 0x70f...0x70f,
        0x890...0x891, 0x8e2...0x8e2, 0x115f...0x1160, 0x17b4...0x17b5, 0x180b...0x180f,
        0x200b...0x200f, 0x202a...0x202e, 0x2060...0x206f, 0x3164...0x3164, 0xfe00...0xfe0f,
        0xfeff...0xfeff, 0xffa0...0xffa0, 0xfff0...0xfffb, 0x110bd...0x110bd, 0x110cd...0x110cd,
        0x13430...0x1343f, 0x1bca0...0x1bca3, 0x1d173...0x1d17a, 0xe0000...0xe0fff,
    ]

    package static func contains(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0xad && ranges.contains { $0.contains(scalar.value) }
    }
}

extension Unicode.Scalar {
    /// Whether people see it where it stands: a terminal does not obey it, and it is not among ``UnseenCharacters``.
    package var isShown: Bool {
        switch value {
        case ..<0x20, 0x7f..<0xa0, 0x2028...0x2029: false
        default: !UnseenCharacters.contains(self)
        }
    }
}
