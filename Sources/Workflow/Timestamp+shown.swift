package import GitValues

extension Timestamp {
    /// As a reader sees it who looks at some moment: in their own zone, with the date when it is not their day.
    /// - Parameter other: a time that stands beside it with its date; the date is left out on that day.
    package func shown(at now: Timestamp, beside other: Timestamp? = nil) -> String {
        let local = at(offset: now.offset)
        if (other ?? now).at(offset: now.offset).date == local.date { return local.clock }
        return dateAndTime(in: now.offset)
    }

    /// `2026-02-22 09:00`
    package func dateAndTime(in zone: Int) -> String {
        let local = at(offset: zone)
        return "\(local.date) \(local.clock)"
    }
}
