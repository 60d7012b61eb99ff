extension String {
    /// This text in quotation marks, for a message to a person: control and format characters as escapes, the quotation
    /// mark and the backslash behind a backslash, and nothing behind the first 60 characters.
    package var quoted: String {
        var result = "\""
        var count = 0
        for scalar in unicodeScalars {
            if count == 60 {
                result += "…"
                break
            }
            count += 1
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
