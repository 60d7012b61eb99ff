/// What one kind of secret looks like wherever it stands in a text.
struct SecretToken: Sendable {
    /// What a reader is told: "a GitHub token".
    let name: String
    /// What is searched for; of at least three bytes.
    let prefix: [UInt8]
    let shape: Shape

    /// What makes a place where the prefix stands a secret.
    enum Shape: Sendable {
        /// At least so many bytes of a kind follow; or exactly so many.
        case run(ByteKinds, Int, isExact: Bool)
        /// At least so many bytes of a kind follow, a digit first.
        case numbered(ByteKinds, Int)
        case privateKey
        case puttyKey
        case awsKey
        case azureKey
        case openAIKey
        case sendGridKey
        case telegramToken
    }

    private init(_ name: String, _ prefix: String, _ shape: Shape) {
        self.name = name
        self.prefix = Array(prefix.utf8)
        self.shape = shape
    }

    private static func run(_ name: String, _ prefixes: String..., of kinds: ByteKinds, atLeast count: Int)
        -> [SecretToken]
    {
        prefixes.map { SecretToken(name, $0, .run(kinds, count, isExact: false)) }
    }

    private static func run(_ name: String, _ prefixes: String..., of kinds: ByteKinds, exactly count: Int)
        -> [SecretToken]
    {
        prefixes.map { SecretToken(name, $0, .run(kinds, count, isExact: true)) }
    }

    /// All that are known: those whose form alone says what they are. Each form is its service's own documentation's, or
    /// what the rules of gitleaks and secretlint agree on.
    static let all: [SecretToken] = [
        [
            SecretToken("a private key", "PRIVATE KEY", .privateKey),
            SecretToken("a private key", "PuTTY-User-Key-File-", .puttyKey),
        ],
        run("an age key", "AGE-SECRET-KEY-1", of: [.upper, .digit], exactly: 58),
        run("an Anthropic API key", "sk-ant-", of: .urlSafe, atLeast: 60),
        run("an Atlassian API token", "ATATT3", of: [.urlSafe, .equals], atLeast: 180),
        [
            SecretToken("an AWS access key", "AKIA", .awsKey), SecretToken("an AWS access key", "ASIA", .awsKey),
            SecretToken("an Azure storage key", "AccountKey=", .azureKey),
        ],
        run("a Databricks token", "dapi", of: .lowerHex, atLeast: 32),
        run("a DigitalOcean token", "dop_v1_", "doo_v1_", "dor_v1_", of: .lowerHex, exactly: 64),
        run("a Docker Hub token", "dckr_pat_", of: .urlSafe, atLeast: 27),
        // "Behind GitHub's new authentication token formats": letters and digits, and they may become longer.
        run("a GitHub token", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", of: .alphanumeric, atLeast: 36),
        run("a GitHub token", "github_pat_", of: .word, atLeast: 82),
        run("a GitLab token", "glpat-", "gldt-", "glrt-", "glptt-", of: .urlSafe, atLeast: 20),
        run("a Google API key", "AIza", of: .urlSafe, exactly: 35),
        run("a Google client secret", "GOCSPX-", of: .urlSafe, exactly: 28),
        run("a Grafana token", "glsa_", of: .word, exactly: 41),
        run("a Groq API key", "gsk_", of: .alphanumeric, exactly: 52),
        run("a Hugging Face token", "hf_", "api_org_", of: .alphanumeric, exactly: 34),
        run("a Linear API key", "lin_api_", of: .alphanumeric, exactly: 40),
        run("a Notion token", "ntn_", of: .alphanumeric, exactly: 46),
        run("an npm token", "npm_", of: .alphanumeric, exactly: 36),
        // "OpenAI" in base64, which stands in the middle of each of its keys.
        [SecretToken("an OpenAI API key", "T3BlbkFJ", .openAIKey)],
        run("an OpenRouter API key", "sk-or-v1-", of: .lowerHex, exactly: 64),
        run("a Perplexity API key", "pplx-", of: .alphanumeric, exactly: 48),
        run("a PyPI token", "pypi-AgE", of: .urlSafe, atLeast: 50),
        run("a RubyGems key", "rubygems_", of: .lowerHex, exactly: 48),
        [SecretToken("a SendGrid API key", "SG.", .sendGridKey)],
        run("a Shopify token", "shpat_", "shpca_", "shppa_", "shpss_", of: .lowerHex, exactly: 32),
        ["xoxa-", "xoxb-", "xoxe-", "xoxe.xoxb-", "xoxe.xoxp-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"].map {
            SecretToken("a Slack token", $0, .numbered([.alphanumeric, .dash], 20))
        },
        run("a Slack webhook", "hooks.slack.com/services/", of: [.alphanumeric, .slash], atLeast: 40),
        run("a Stripe live key", "sk_live_", "rk_live_", of: .alphanumeric, atLeast: 20),
        run("a Supabase token", "sbp_", of: .lowerHex, exactly: 40),
        [SecretToken("a Telegram bot token", ":AA", .telegramToken)],
        run("a Vault token", "hvs.", of: .urlSafe, atLeast: 90),
    ].flatMap { $0 }
}

/// Kinds of ASCII characters.
struct ByteKinds: OptionSet, Sendable {
    let rawValue: UInt16

    static let digit = ByteKinds(rawValue: 1)
    /// The lower-case letters that are hexadecimal digits.
    static let hexLetter = ByteKinds(rawValue: 2)
    static let otherLower = ByteKinds(rawValue: 4)
    static let upper = ByteKinds(rawValue: 8)
    static let underscore = ByteKinds(rawValue: 16)
    static let dash = ByteKinds(rawValue: 32)
    static let plus = ByteKinds(rawValue: 64)
    static let slash = ByteKinds(rawValue: 128)
    static let equals = ByteKinds(rawValue: 256)

    static let lowerHex: ByteKinds = [.digit, .hexLetter]
    static let lower: ByteKinds = [.hexLetter, .otherLower]
    static let alphanumeric: ByteKinds = [.digit, .lower, .upper]
    static let word: ByteKinds = [.alphanumeric, .underscore]
    /// The alphabet of base64 for URLs.
    static let urlSafe: ByteKinds = [.word, .dash]
    /// The alphabet of base64.
    static let base64: ByteKinds = [.alphanumeric, .plus, .slash]

    /// Whether a byte is of one of these kinds.
    func has(_ byte: UInt8) -> Bool { !isDisjoint(with: ByteKinds(of: byte)) }

    init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The kind of a byte; empty for any other.
    init(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .digit
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self = .hexLetter
        case UInt8(ascii: "g")...UInt8(ascii: "z"): self = .otherLower
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): self = .upper
        case UInt8(ascii: "_"): self = .underscore
        case UInt8(ascii: "-"): self = .dash
        case UInt8(ascii: "+"): self = .plus
        case UInt8(ascii: "/"): self = .slash
        case UInt8(ascii: "="): self = .equals
        default: self = []
        }
    }
}
