package import GitValues

extension Timestamp {
    /// As a reader sees it: in their own zone, with the date when it is not the day of `start`.
    package func shown(in zone: Int, since start: Timestamp? = nil) -> String {
        let local = at(offset: zone)
        if let start, start.at(offset: zone).date == local.date { return local.clock }
        return "\(local.date) \(local.clock)"
    }
}
