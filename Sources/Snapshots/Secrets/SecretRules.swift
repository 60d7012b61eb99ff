internal import Git
package import GitValues
internal import Glibc

/// Which untracked files look like secrets: by their name, by what they hold, or by both. A pure value.
///
/// | a file is taken for a secret | when |
/// |---|---|
/// | `id_rsa`, `.netrc`, `.pgpass`, `.git-credentials` and others | it is so called, and is not empty |
/// | `.env`, `.env.*`, `.dev.vars`; not those for others to copy: `.env.example`, … | a variable in it has a value |
/// | `*.env`, `*.env.local`, `.envrc`, `*.tfvars`, `*.tfstate`, `secrets.yml` and others | a password, key or token in it is written out |
/// | `.npmrc`, `.pypirc`, `.docker/config.json`, `credentials.json` and others | a password or token in it has a value |
/// | `*.p12`, `*.pfx`, `*.jks`, `*.keystore`, `*.kdbx`, `*.der`, `*.p8` | it is a store of keys, or a key |
/// | `*.key` | it is one word of 32 or more digits of a key |
/// | of any name | it holds one of ``SecretToken/all``: private keys, tokens of services, passwords drawn by a machine |
///
/// Content counts in the first 64 KiB, and tokens only in texts: files without a NUL in their first 8,000 bytes, and those in
/// UTF-16.
package enum SecretRules {
    /// How many bytes of a file are looked at.
    package static let prefixSize = 65_536
    /// Raised with every change of what is taken for a secret.
    package static let version = 2

    /// How far a NUL is looked for, as git does.
    private static let binarySize = 8000

    /// Why a file is taken for a secret; `nil` where it is none. May be called from any thread.
    /// - Parameter content: the first bytes of the file, at least ``prefixSize`` where it has as many.
    package static func reason(path: RepositoryPath, content: UnsafeRawBufferPointer) -> String? {
        let content = UnsafeRawBufferPointer(rebasing: content.prefix(prefixSize))
        if content.isEmpty { return nil }
        if let text = content.textOfUTF16 { return text.withUnsafeBytes { reason(path: path, text: $0) } }
        return reason(path: path, text: content)
    }

    private static func reason(path: RepositoryPath, text content: UnsafeRawBufferPointer) -> String? {
        var search = SecretSearch.known
        switch SuspectName(path) {
        case .certain: return "by its name"
        case .environment: if content.setsVariable { return "values in a .env file" }
        case .written: search = SecretSearch.written
        case .values(let keys):
            if keys.contains(where: { content.givesValue(to: $0) }) { return "a password or token" }
        case .store: if content.isKeyStore { return "a store of keys" }
        case .key: if content.isKeyStore || content.isOneKey { return "a key" }
        case .harmless: return nil
        case nil: break
        }
        let start = UnsafeRawBufferPointer(rebasing: content.prefix(binarySize))
        if let base = start.baseAddress, memchr(base, 0, start.count) != nil { return nil }
        guard let found = search.find(in: content) else { return nil }
        // What a name alone gives away is made up where others are to fill it in.
        return found.isVague && SuspectName.isForOthers(path) ? SecretSearch.forms.find(in: content)?.name : found.name
    }
}

/// What a name says about a file; none for most names.
private enum SuspectName {
    /// A secret, whatever it holds.
    case certain
    /// Holds variables, which are secrets mostly.
    case environment
    /// Holds secrets beside other things: any that is written out, a person's password too.
    case written
    /// Holds a secret where one of these keys has a value.
    case values([StaticString])
    case store
    case key
    /// Holds keys that everybody may know.
    case harmless

    init?(_ path: RepositoryPath) {
        let bytes = path.bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let start = (bytes.lastIndex(of: Byte.slash) ?? -1) + 1
        let name = String(decoding: bytes[start...], as: UTF8.self)
        if let known = Self.named(name) ?? Self.named(name, below: bytes[..<max(0, start - 1)]) {
            self = known
        } else if let known = Self.ending(name) {
            self = known
        } else {
            return nil
        }
    }

    private static func named(_ name: String) -> SuspectName? {
        switch name {
        case "id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "secring.gpg", ".netrc",
            "_netrc", ".pgpass", "pgpass.conf", ".git-credentials", ".htpasswd", ".mylogin.cnf", ".vault-token",
            ".vault_pass", ".vault-pass", ".erlang.cookie":
            .certain
        case ".npmrc": .values(["_authToken", "_auth", "_password"])
        case ".yarnrc.yml": .values(["npmAuthToken", "npmAuthIdent"])
        case ".pypirc", ".my.cnf": .values(["password"])
        case ".s3cfg": .values(["secret_key"])
        case ".dockercfg", ".dockerconfigjson": .values(["auth", "identitytoken"])
        case "credentials.json", "application_default_credentials.json", "token.json":
            .values(["client_secret", "refresh_token", "private_key"])
        case "kubeconfig", "kubeconfig.yaml", "kubeconfig.yml": .values(["client-key-data", "token", "password"])
        case ".terraformrc", "terraform.rc", "credentials.tfrc.json": .values(["token"])
        // What Google has apps ship.
        case "google-services.json", "googleservice-info.plist": .harmless
        // The one that each Android project has, with a password that everybody knows.
        case "debug.keystore": .harmless
        case ".env", ".dev.vars": .environment
        case ".secrets", ".flaskenv", "secrets.yml", "secrets.yaml", "secrets.json", "secrets.toml",
            "secrets.properties",
            "secrets.ini", "secrets.txt", "secret.yml", "secret.yaml", "secret.json", "credentials.yml",
            "credentials.yaml", "local.settings.json":
            .written
        default: nil
        }
    }

    /// Names that mean something in one folder only.
    private static func named(_ name: String, below folder: ArraySlice<UInt8>) -> SuspectName? {
        func isIn(_ wanted: String) -> Bool {
            folder.reversed().starts(with: wanted.utf8.reversed())
                && (folder.count == wanted.utf8.count || folder.dropLast(wanted.utf8.count).last == Byte.slash)
        }
        return switch name {
        case "credentials" where isIn(".aws"): .certain
        case "credentials" where isIn(".gem"): .values(["rubygems_api_key"])
        case "credentials" where isIn(".cargo"), "credentials.toml" where isIn(".cargo"): .values(["token"])
        case "config.json" where isIn(".docker"): .values(["auth", "identitytoken"])
        case "config" where isIn(".kube"): .values(["client-key-data", "token", "password"])
        default: nil
        }
    }

    private static func ending(_ name: String) -> SuspectName? {
        if let environment = environment(name) { return environment }
        if name.hasSuffix(".tfvars.json") { return .written }
        if name.hasPrefix("client_secret"), name.hasSuffix(".json") { return .values(["client_secret"]) }
        guard let dot = name.lastIndex(of: ".") else { return nil }
        switch name[dot...] {
        case ".p12", ".pfx", ".jks", ".keystore", ".kdb", ".kdbx", ".der", ".p8", ".pk8":
            // Certificates of others, in the same form.
            return name.contains("trust") || name.contains("cacerts") ? nil : .store
        case ".key": return name.contains("pub") ? nil : .key
        case ".tfvars", ".tfstate": return .written
        case ".backup" where name.hasSuffix(".tfstate.backup"): return .written
        case ".kubeconfig": return .values(["client-key-data", "token", "password"])
        default: return nil
        }
    }

    private static let wordsForOthers: Set<Substring> = [
        "example", "sample", "template", "tmpl", "tpl", "dist", "defaults", "schema", "vault",
    ]

    /// Whether a file is there to be copied and filled in: `.env.example`, `config.sample.yml`.
    static func isForOthers(_ path: RepositoryPath) -> Bool {
        let start = (path.bytes.lastIndex(of: Byte.slash) ?? -1) + 1
        return isForOthers(String(decoding: path.bytes[start...], as: UTF8.self).lowercased())
    }

    private static func isForOthers(_ name: String) -> Bool {
        name.split { ".-_~".contains($0) }.contains { wordsForOthers.contains($0) }
    }

    /// What a name of a file of variables ends in.
    private static let lastWords: Set<Substring> = [
        "env", "envrc", "local", "production", "prod", "staging", "stage", "development", "dev", "live", "private",
        "secret", "secrets", "bak", "backup", "old", "orig", "save",
    ]

    /// Files of variables: `.env` with anything behind it, and those that have `env` in their name otherwise (`prod.env`,
    /// `web.env.local`, `.envrc`), which hold settings as often as secrets. No code.
    private static func environment(_ name: String) -> SuspectName? {
        // Nearly every name is another one.
        guard name.contains("env") || name.hasPrefix(".dev.vars."), !isForOthers(name) else { return nil }
        if [".env.", ".env-", ".env_", ".env~", ".dev.vars."].contains(where: { name.hasPrefix($0) }) {
            return .environment
        }
        let parts = name.split(separator: ".")
        guard let last = parts.last, lastWords.contains(last) else { return nil }
        return parts.contains("env") || last == "envrc" ? .written : nil
    }
}

extension UnsafeRawBufferPointer {
    /// Where a text, which is not empty, stands in the buffer for the first time.
    func firstRange(of text: StaticString) -> Range<Int>? {
        guard let base = baseAddress else { return nil }
        let length = text.utf8CodeUnitCount
        var start = 0
        while start + length <= count, let found = memchr(base + start, Int32(text.utf8Start[0]), count - start) {
            start = UnsafeRawPointer(found) - base
            if start + length <= count, memcmp(found, text.utf8Start, length) == 0 { return start..<(start + length) }
            start += 1
        }
        return nil
    }

    /// Whether a line is `NAME=value`, or `export NAME=value`.
    fileprivate var setsVariable: Bool {
        let mark = starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        return self[mark...].split(whereSeparator: { $0 == Byte.newline || $0 == Byte.carriageReturn }).contains {
            line in
            var rest = line.drop(while: \.isBlank)
            if rest.starts(with: "export ".utf8) { rest = rest.dropFirst(7).drop(while: \.isBlank) }
            let name = rest.prefix { ByteKinds.word.has($0) || $0 == UInt8(ascii: ".") || $0 == Byte.dash }
            rest = rest.dropFirst(name.count).drop(while: \.isBlank)
            guard !name.isEmpty, rest.first == UInt8(ascii: "=") else { return false }
            let value = rest.dropFirst().drop { $0.isBlank || $0.isQuote }
            return value.first.map { $0 != Byte.hash } ?? false
        }
    }

    /// Whether a key has a value that is written out, in any of the usual forms: `key=value`, `"key": "value"`.
    fileprivate func givesValue(to key: StaticString) -> Bool {
        var rest = self
        while let range = rest.firstRange(of: key) {
            let isWord = range.lowerBound > 0 && ByteKinds.urlSafe.has(rest[range.lowerBound - 1])
            let behind = rest[range.upperBound...].drop { $0.isBlank || $0.isQuote }
            if !isWord, let sign = behind.first, sign == UInt8(ascii: "=") || sign == Byte.colon {
                let value = behind.dropFirst().drop { $0.isBlank || $0.isQuote }.prefix { !$0.isSpace && !$0.isQuote }
                // Of another variable, of a template, or nothing.
                let isWritten = value.first.map { !"$<{%*#,}".utf8.contains($0) } ?? false
                let characters = SecretCharacters(rest, value.startIndex..<value.endIndex)
                if isWritten, !value.starts(with: "null".utf8), !characters.isLeftOpen { return true }
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[range.upperBound...])
        }
        return false
    }

    /// Whether it begins as a Java or a KeePass store does, as PKCS #12, or as a private key in DER.
    fileprivate var isKeyStore: Bool {
        let starts: [[UInt8]] = [[0xfe, 0xed, 0xfe, 0xed], [0xce, 0xce, 0xce, 0xce], [0x03, 0xd9, 0xa2, 0x9a]]
        if starts.contains(where: { self.starts(with: $0) }) { return true }
        // A sequence whose first element is a small integer, its version; a certificate begins with another sequence.
        guard count > 8, self[0] == 0x30 else { return false }
        let lengthBytes = self[1] < 0x80 ? 0 : Int(self[1] & 0x7f)
        guard lengthBytes <= 4 else { return false }
        let version = self[(2 + lengthBytes)...]
        return version.starts(with: [0x02, 0x01]) && version.dropFirst(2).first.map { $0 <= 3 } == true
    }

    /// Whether it is one word as keys in hexadecimal or in base64 are.
    fileprivate var isOneKey: Bool {
        let word = drop { $0.isSpace }.prefix { ByteKinds([.base64, .urlSafe, .equals]).has($0) }
        return word.count >= 32 && self[word.endIndex...].allSatisfy(\.isSpace)
            && Set(word.prefix(64)).count >= 8
    }
}

extension UnsafeRawBufferPointer {
    /// The text of a file in UTF-16, as Windows' shells write it, with a mark of its order or without; `nil` for any other
    /// file. What is not ASCII is a blank in it.
    fileprivate var textOfUTF16: [UInt8]? {
        guard count >= 4 else { return nil }
        let isMarked = starts(with: [0xff, 0xfe]) || starts(with: [0xfe, 0xff])
        func isZero(at first: Int) -> Bool {
            stride(from: first, to: Swift.min(count, 16), by: 2).allSatisfy { self[$0] == 0 }
        }
        func hasZero(at first: Int) -> Bool {
            stride(from: first, to: Swift.min(count, 16), by: 2).contains { self[$0] == 0 }
        }
        let isLittle = isMarked ? self[0] == 0xff : isZero(at: 1) && !hasZero(at: 0)
        guard isMarked || isLittle || isZero(at: 0) && !hasZero(at: 1) else { return nil }
        return stride(from: isMarked ? 2 : 0, to: count - 1, by: 2).map { place in
            let (low, high) = isLittle ? (self[place], self[place + 1]) : (self[place + 1], self[place])
            return high == 0 && low < 0x80 ? low : Byte.space
        }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == Byte.space || self == UInt8(ascii: "\t") }
    fileprivate var isSpace: Bool { isBlank || self == Byte.newline || self == Byte.carriageReturn }
    fileprivate var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
}
