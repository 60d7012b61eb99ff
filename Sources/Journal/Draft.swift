internal import Git
package import GitValues
package import Workflow

/// A checkpoint that is about to be recorded.
package struct Draft: Sendable {
    package var kind: CheckpointKind
    package var title: String
    package var body = ""
    /// What is behind the trailers that every checkpoint has.
    package var trailers: [Trailer] = []
    /// Further parents, each named by a trailer that holds its id; without a key by one of ``trailers``.
    package var parents: [(key: String?, id: ObjectID)] = []
    /// The phase that it belongs to; the one in hand where it is not given.
    package var phase: String?
    package var actor: Actor?

    package init(_ kind: CheckpointKind, _ title: String, phase: String? = nil) {
        self.kind = kind
        self.title = title
        self.phase = phase
    }

    package mutating func add(_ key: String, _ value: String?) {
        if let value, !value.isEmpty { trailers.append(Trailer(key: key, value: value)) }
    }

    package mutating func add(_ key: String, _ values: [String]) {
        for value in values { add(key, value) }
    }

    package func with(_ key: String, _ value: String?) -> Draft {
        var draft = self
        draft.add(key, value)
        return draft
    }

    package func with(_ key: String, _ values: [String]) -> Draft {
        var draft = self
        draft.add(key, values)
        return draft
    }

    /// Names the item that it is about.
    package func about(_ item: RecordedItem?) -> Draft {
        with(TrailerKey.item, item?.text).with(TrailerKey.itemID, item?.id.hex)
    }

    /// Keeps an object alive with this checkpoint, and names it.
    package func holding(_ key: String?, _ id: ObjectID?) -> Draft {
        guard let id else { return self }
        var draft = self
        draft.parents.append((key, id))
        return draft
    }

    package func by(_ actor: Actor) -> Draft {
        var draft = self
        draft.actor = actor
        return draft
    }
}
