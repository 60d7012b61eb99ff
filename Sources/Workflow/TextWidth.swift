extension Character {
    /// The columns that a terminal gives to this character: 2 for East Asian wide ones and emoji, else 1.
    ///
    /// From the classes W and F of Unicode's EastAsianWidth.txt, in whole blocks. A cluster of many combining marks counts
    /// for more than it shows, so that a width is also a limit of bytes.
    package var columns: Int {
        let isWide = unicodeScalars.contains { scalar in
            scalar.value >= 0x1100
                && (Self.wideBlocks.contains { $0.contains(scalar.value) } || scalar.properties.isEmojiPresentation
                    || scalar.value == 0xfe0f)
        }
        return max(isWide ? 2 : 1, utf8.count / 16)
    }

    private static let wideBlocks: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3,
        0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18aff, 0x1b000...0x1b2ff,
        0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
    ]
}

extension String {
    /// The columns that a terminal gives to this text; see `Character.columns`.
    package var columns: Int { reduce(0) { $0 + $1.columns } }

    /// This text, cut to a number of columns at a space, or inside a word that is longer than half of them. What was cut
    /// ends in an ellipsis.
    ///
    /// - Parameter columns: at least 2.
    /// - Returns: this text itself, where it fits.
    package func cut(toColumns columns: Int) -> String {
        // No character has more columns than bytes.
        if utf8.count <= columns { return self }
        var used = 0
        var end = startIndex
        var wordEnd: Index?
        for index in indices {
            used += self[index].columns
            if used > columns { return self[..<(wordEnd ?? end)] + "…" }
            if used <= columns - 1 {
                if self[index] == " ", used > columns / 2 { wordEnd = index }
                end = self.index(after: index)
            }
        }
        return self
    }
}
