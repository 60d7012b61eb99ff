extension String {
    /// This text with U+FFFD in the place of each character that nobody sees: whoever reads a brief, answers a question or
    /// trusts a command must not be told something else than what is shown.
    ///
    /// Joiners and variation selectors stay where they shape a letter or an emoji.
    package var visible: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        let scalars = Array(unicodeScalars)
        if !scalars.indices.contains(where: scalars.isHidden) { return self }
        var result = UnicodeScalarView()
        for index in scalars.indices { result.append(scalars.isHidden(at: index) ? "\u{fffd}" : scalars[index]) }
        return String(result)
    }
}

extension [Unicode.Scalar] {
    /// Whether a reader sees nothing of a scalar, where it stands.
    package func isHidden(at index: Int) -> Bool {
        let scalar = self[index]
        guard scalar.isInvisible else { return false }
        guard index > 0 else { return true }
        let before = self[index - 1]
        switch scalar.value {
        case 0x200c, 0x200d:
            // Behind a virama one decides about the letter that ends there.
            if before.properties.canonicalCombiningClass == .virama { return false }
            guard index + 1 < count else { return true }
            let isPresentation = before.value == 0xfe0f && index > 1 && self[index - 2].properties.isEmoji
            let (start, end) = (isPresentation ? self[index - 2] : before, self[index + 1])
            // No word in ASCII letters needs one.
            return !(start.isShape && end.isShape) || start.isASCII && end.isASCII
        case 0xfe0e, 0xfe0f: return !before.properties.isEmoji
        case 0xfe00...0xfe0d: return before.isASCII || !before.isShape && !before.properties.isMath
        case 0xe0100...0xe01ef: return !before.properties.isIdeographic
        case 0x180b...0x180d, 0x180f: return !(0x1820...0x18aa).contains(before.value)
        default: return true
        }
    }
}

extension Unicode.Scalar {
    /// Whether nothing is shown for it, or it only turns the direction of others: the default-ignorable code points of
    /// Unicode (UAX #44), which have the tags, the marks of a direction and the fillers, and what divides lines or annotates.
    var isInvisible: Bool {
        switch value {
        case 0..<0xad: false
        case 0x2028, 0x2029, 0xfff9...0xfffb: true
        default: properties.isDefaultIgnorableCodePoint
        }
    }

    /// Whether it is a letter, a mark on one, or an emoji: what a joiner can join.
    fileprivate var isShape: Bool {
        if isInvisible { return false }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark:
            return true
        default: return properties.isEmoji && !isASCII
        }
    }
}
