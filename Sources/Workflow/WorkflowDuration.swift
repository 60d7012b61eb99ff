package import GitValues

/// A length of time in whole seconds, as people write it: `30s`, `45m`, `6h`, `2d`.
package struct WorkflowDuration: Hashable, Sendable {
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    package static func minutes(_ count: Int64) -> WorkflowDuration { WorkflowDuration(seconds: count * 60) }

    package static func hours(_ count: Int64) -> WorkflowDuration { WorkflowDuration(seconds: count * 3600) }

    /// Reads numbers with a unit, the larger unit first: `90m`, `1h30m`, `1h 30m`. A day has 24 hours.
    ///
    /// - Returns: `nil` for anything else: no unit, a sign, a fraction, more than `Int64` holds.
    package init?(parsing text: String) {
        var total: Int64 = 0
        var number: Int64?
        var last = Int64.max
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (tens, isTooLarge) = (number ?? 0).multipliedReportingOverflow(by: 10)
                let (value, isAlsoTooLarge) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
                if isTooLarge || isAlsoTooLarge { return nil }
                number = value
            case UInt8(ascii: " "):
                if number != nil { return nil }
            default:
                guard let count = number, let unit = Self.unit(byte), unit < last else { return nil }
                let (part, isTooLarge) = count.multipliedReportingOverflow(by: unit)
                let (sum, isAlsoTooLarge) = total.addingReportingOverflow(part)
                if isTooLarge || isAlsoTooLarge { return nil }
                (total, number, last) = (sum, nil, unit)
            }
        }
        if number != nil || last == .max { return nil }
        seconds = total
    }

    private static func unit(_ byte: UInt8) -> Int64? {
        switch byte {
        case UInt8(ascii: "s"), UInt8(ascii: "S"): 1
        case UInt8(ascii: "m"), UInt8(ascii: "M"): 60
        case UInt8(ascii: "h"), UInt8(ascii: "H"): 3600
        case UInt8(ascii: "d"), UInt8(ascii: "D"): 86_400
        default: nil
        }
    }

    /// The time from one moment to another; less than nothing when a clock went back.
    package init(from start: Timestamp, to end: Timestamp) {
        let (seconds, isTooLarge) = end.seconds.subtractingReportingOverflow(start.seconds)
        self.seconds = isTooLarge ? (end > start ? .max : .min) : seconds
    }

    /// For people, in at most two units: `40s`, `3m`, `1h 05m`, `2d 4h`. What is less than nothing is `0s`.
    package var text: String {
        let seconds = max(0, seconds)
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
        if minutes == 0 { return "\(seconds)s" }
        if hours == 0 { return "\(minutes)m" }
        if days == 0 {
            let rest = minutes % 60
            return rest == 0 ? "\(hours)h" : "\(hours)h \(rest < 10 ? "0" : "")\(rest)m"
        }
        return hours % 24 == 0 ? "\(days)d" : "\(days)d \(hours % 24)h"
    }
}

extension WorkflowDuration: Comparable, CustomStringConvertible {
    package static func < (left: WorkflowDuration, right: WorkflowDuration) -> Bool { left.seconds < right.seconds }

    /// Exact, in the largest unit that divides it: `init(parsing:)` takes it back, unless it is less than nothing.
    package var description: String {
        for (unit, letter) in [(86_400, "d"), (3600, "h"), (60, "m")] as [(Int64, String)]
        where seconds != 0 && seconds % unit == 0 { return "\(seconds / unit)\(letter)" }
        return "\(seconds)s"
    }
}

extension WorkflowDuration: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(seconds: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(seconds)
    }
}
