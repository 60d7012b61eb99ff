package import GitValues

/// What the cache of a lane's state holds: written as bytes, and read back by every command, hooks included.
///
/// It is `Codable`'s task, done without its containers: those are generic, and what they need of the runtime took a sixth of
/// a whole `git wf log`. Each type lists its properties twice, in one order.
package protocol Stored {
    init(from store: inout StoredBytes) throws(StoredBytes.Damaged)
    func write(to store: inout StoredBytes)
}

/// Stored values, one after the other: numbers of eight bytes, little-endian; a text or a list behind its length; an optional
/// behind a byte that is 0 or 1.
package struct StoredBytes: Sendable {
    /// Bytes that are not what is read from them.
    package struct Damaged: Error {}

    package private(set) var bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// Whether all was read.
    package var isAtEnd: Bool { position == bytes.count }

    package mutating func read<Value: Stored>(_ type: Value.Type = Value.self) throws(Damaged) -> Value {
        try Value(from: &self)
    }

    package mutating func add(_ value: some Stored) { value.write(to: &self) }

    fileprivate mutating func take(_ count: Int) throws(Damaged) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw Damaged() }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    fileprivate mutating func append(_ more: some Collection<UInt8>) { bytes += more }

    /// How many values follow. Each takes a byte at least, so a larger number is damage.
    fileprivate mutating func count() throws(Damaged) -> Int {
        let count = try read(Int.self)
        guard count >= 0, count <= bytes.count - position else { throw Damaged() }
        return count
    }
}

extension Int64: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        var bits: UInt64 = 0
        for byte in try store.take(8).reversed() { bits = bits << 8 | UInt64(byte) }
        self.init(bitPattern: bits)
    }

    package func write(to store: inout StoredBytes) {
        let bits = UInt64(bitPattern: self)
        for byte in 0..<8 { store.append(CollectionOfOne(UInt8(truncatingIfNeeded: bits >> (8 * byte)))) }
    }
}

extension Int: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) { self.init(try store.read(Int64.self)) }
    package func write(to store: inout StoredBytes) { store.add(Int64(self)) }
}

extension Bool: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        switch try store.take(1).first {
        case 0: self = false
        case 1: self = true
        default: throw StoredBytes.Damaged()
        }
    }

    package func write(to store: inout StoredBytes) { store.append(CollectionOfOne(self ? 1 : 0)) }
}

extension String: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        let count = try store.count()
        guard let text = String(validating: try store.take(count), as: UTF8.self) else { throw StoredBytes.Damaged() }
        self = text
    }

    package func write(to store: inout StoredBytes) {
        store.add(utf8.count)
        store.append(utf8)
    }
}

extension Optional: Stored where Wrapped: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self = try store.read(Bool.self) ? .some(try store.read()) : .none
    }

    package func write(to store: inout StoredBytes) {
        store.add(self != nil)
        if let self { store.add(self) }
    }
}

extension Array: Stored where Element: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        let count = try store.count()
        self = []
        for _ in 0..<count { append(try store.read()) }
    }

    package func write(to store: inout StoredBytes) {
        store.add(count)
        for element in self { store.add(element) }
    }
}

/// By its keys in their order, so that equal ones are the same bytes.
extension Dictionary: Stored where Key: Stored & Comparable, Value: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        let count = try store.count()
        self = [:]
        for _ in 0..<count {
            let key = try store.read(Key.self)
            self[key] = try store.read(Value.self)
        }
    }

    package func write(to store: inout StoredBytes) {
        store.add(count)
        for (key, value) in sorted(by: { $0.key < $1.key }) {
            store.add(key)
            store.add(value)
        }
    }
}

/// An enumeration by its word.
extension Stored where Self: RawRepresentable, RawValue == String {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        guard let value = Self(rawValue: try store.read()) else { throw StoredBytes.Damaged() }
        self = value
    }

    package func write(to store: inout StoredBytes) { store.add(rawValue) }
}

extension ObjectID: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        let bytes = try store.take(ObjectID.byteCount)
        self = bytes.withUnsafeBytes { $0.baseAddress.map { ObjectID(bytes: $0) } ?? .zero }
    }

    package func write(to store: inout StoredBytes) { store.append(bytes) }
}

extension Timestamp: Stored {
    package init(from store: inout StoredBytes) throws(StoredBytes.Damaged) {
        self.init(seconds: try store.read(), offset: try store.read())
    }

    package func write(to store: inout StoredBytes) {
        store.add(seconds)
        store.add(offset)
    }
}
