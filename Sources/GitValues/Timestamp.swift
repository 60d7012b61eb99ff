/// A moment as git records it: seconds since 1970, and the offset of the zone in which it was written.
package struct Timestamp: Hashable, Sendable {
    /// Seconds since 1970-01-01 00:00 UTC.
    package var seconds: Int64
    /// Minutes east of UTC.
    package var offset: Int

    package init(seconds: Int64, offset: Int) {
        self.seconds = seconds
        self.offset = offset
    }
}

extension Timestamp: Comparable {
    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }
}

extension Timestamp {
    /// Year, month, day, hour, minute and second on the clock of the recorded zone.
    package var calendar: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        let local = seconds + Int64(offset) * 60
        let days = Int(local >= 0 ? local / 86_400 : -((86_399 - local) / 86_400))
        let rest = Int(local - Int64(days) * 86_400)
        // Days to civil date, in eras of 400 years that begin on March 1 (Howard Hinnant, "chrono-Compatible
        // Low-Level Date Algorithms").
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day, rest / 3600, rest % 3600 / 60, rest % 60)
    }

    /// `2026-02-22T09:00:00+01:00`
    package var iso8601: String {
        let parts = calendar
        let zone = offset.magnitude
        return "\(padded(parts.year, 4))-\(padded(parts.month))-\(padded(parts.day))"
            + "T\(padded(parts.hour)):\(padded(parts.minute)):\(padded(parts.second))"
            + "\(offset < 0 ? "-" : "+")\(padded(Int(zone) / 60)):\(padded(Int(zone) % 60))"
    }

    /// `2026-02-22`
    package var date: String {
        let parts = calendar
        return "\(padded(parts.year, 4))-\(padded(parts.month))-\(padded(parts.day))"
    }

    /// `09:00`
    package var clock: String {
        let parts = calendar
        return "\(padded(parts.hour)):\(padded(parts.minute))"
    }

    /// The same moment on the clock of another zone.
    package func at(offset: Int) -> Timestamp { Timestamp(seconds: seconds, offset: offset) }
}

private func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
