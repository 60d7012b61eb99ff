extension String {
    /// This text in quotation marks, for a message to a person: control and format characters as escapes, the quotation
    /// mark and the backslash behind a backslash, and nothing behind the first 60 characters.
    package var quoted: String { quoted(upTo: 60) }

    /// As ``quoted``, to the last character. No two texts are the same in this form.
    package var quotedWhole: String { quoted(upTo: .max) }

    private func quoted(upTo limit: Int) -> String {
        var result = "\""
        var count = 0
        for scalar in unicodeScalars {
            if count == limit {
                result += "…"
                break
            }
            count += 1
            switch scalar {
            case " ": result += " "
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.isEscaped {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}

extension Unicode.Scalar {
    /// Whether a reader could miss it, or take it for something else.
    fileprivate var isEscaped: Bool {
        if isInvisible { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .spaceSeparator, .unassigned:
            return true
        default: return false
        }
    }
}
