/// What one kind of secret looks like wherever it stands in a text.
struct SecretToken: Sendable {
    /// What a reader is told: "a GitHub token".
    let name: String
    /// What is searched for; of at least three bytes.
    let prefix: [UInt8]
    let shape: Shape
    /// Whether it is named only where nothing says better what it is.
    let isVague: Bool

    /// What makes a place where the prefix stands a secret.
    enum Shape: Sendable {
        /// At least so many bytes of a kind follow; or exactly so many.
        case run(ByteKinds, Int, isExact: Bool)
        /// At least so many bytes of a kind follow, a digit first.
        case numbered(ByteKinds, Int)
        /// So many bytes of a kind stand before it, of which these are the first, and at least so many follow.
        case middle(ByteKinds, before: ClosedRange<Int>, after: Int, begin: String)
        /// A noun at the end of a name that is given a value: one that a machine drew, or any that is written out.
        case assigned(isWritten: Bool)
        /// `scheme://user:password@host`
        case address
        case webToken
        case privateKey
        case encodedKey
        case puttyKey
        case awsKey
        case azureKey
        case sendGridKey
        case telegramToken
        case discordToken
    }

    init(_ name: String, _ prefix: String, _ shape: Shape, isVague: Bool = false) {
        self.isVague = isVague
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

    /// All that are known: those whose form alone says what they are, and values whose name and form together do.
    static let all = forms + assignments(isWritten: false)
    /// Those that are told by their form.
    static let forms = special + services + models + platforms

    /// Passwords and tokens of any kind, by the name that they are given to. Only the ends of the nouns are searched for,
    /// in both cases: `Password` and `password` end alike.
    static func assignments(isWritten: Bool) -> [SecretToken] {
        [
            "assword", "ASSWORD", "asswd", "ASSWD", "_pass", "_PASS", "pwd", "Pwd", "PWD",
            "ecret",
            "ECRET", "oken", "OKEN", "key", "Key", "KEY",
        ].map {
            SecretToken("a password or token", $0, .assigned(isWritten: isWritten), isVague: true)
        }
    }

    /// Those that are more than a prefix and characters behind it.
    private static let special: [SecretToken] =
        [
            SecretToken("a private key", "PRIVATE KEY", .privateKey),
            SecretToken("a private key", "OpenVPN Static key", .privateKey),
            SecretToken("a private key", "PuTTY-User-Key-File-", .puttyKey),
            // "-----BEGIN" in base64, as Kubernetes has keys, and variables of continuous integration.
            SecretToken("a private key", "LS0tLS1CRUdJTi", .encodedKey),
            SecretToken("an address with a password", "://", .address),
            SecretToken("a JSON Web Token", "eyJ", .webToken),
            SecretToken("an AWS access key", "AKIA", .awsKey), SecretToken("an AWS access key", "ASIA", .awsKey),
            SecretToken("an Azure storage key", "AccountKey=", .azureKey),
            SecretToken("an Azure key", "JQQJ99", .middle(.alphanumeric, before: 40...60, after: 20, begin: "")),
            // "OpenAI" in base64, which stands in the middle of each of its keys.
            SecretToken("an OpenAI API key", "T3BlbkFJ", .middle(.urlSafe, before: 20...200, after: 20, begin: "sk-")),
            SecretToken("a New Relic key", "NRAL", .middle(.lowerHex, before: 36...36, after: 0, begin: "")),
            SecretToken(
                "a Terraform Cloud token", ".atlasv1.", .middle(.urlSafe, before: 14...14, after: 60, begin: "")),
            SecretToken("a SendGrid API key", "SG.", .sendGridKey),
            SecretToken("a Telegram bot token", ":AA", .telegramToken),
            SecretToken("a Discord bot token", "login(", .discordToken),
            SecretToken("a Discord bot token", ".run(", .discordToken),
        ]
        + (0...9).map {
            SecretToken(
                "an Azure client secret", "\($0)Q~",
                .middle([.word, .dash, .dot, .tilde], before: 3...3, after: 31, begin: ""))
        }
        + ["xoxa-", "xoxb-", "xoxe-", "xoxe.xoxb-", "xoxe.xoxp-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"].map {
            SecretToken("a Slack token", $0, .numbered([.alphanumeric, .dash], 20))
        }

    /// Each form is its service's own documentation's, or what the rules of gitleaks and secretlint agree on.
    private static let services: [SecretToken] = [
        run("a 1Password service account", "ops_eyJ", of: [.base64, .urlSafe], atLeast: 200),
        run("a 1Password secret key", "A3-", of: [.upper, .digit, .dash], exactly: 37),
        run("an age key", "AGE-SECRET-KEY-1", of: [.upper, .digit], exactly: 58),
        run("an Atlassian API token", "ATATT3", "ATCTT3", of: [.urlSafe, .equals], atLeast: 180),
        run("a Bitbucket password", "ATBB", of: .alphanumeric, exactly: 32),
        run("a Brevo API key", "xkeysib-", "xsmtpsib-", of: [.lowerHex, .otherLower, .upper, .dash], atLeast: 70),
        run("a Buildkite token", "bkua_", of: .lowerHex, exactly: 40),
        run("a CircleCI token", "CCIPAT_", "CCIPRJ_", of: .word, atLeast: 40),
        run("a Contentful token", "CFPAT-", of: .urlSafe, exactly: 43),
        run(
            "a Discord webhook", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/",
            of: [.urlSafe, .slash], atLeast: 70),
        run(
            "a Doppler token", "dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit.",
            of: [.urlSafe, .dot], atLeast: 40),
        run("a Dropbox token", "sl.", of: .urlSafe, atLeast: 130),
        run("a Dynatrace token", "dt0c01.", of: [.upper, .digit, .dot], atLeast: 80),
        run("a Figma token", "figd_", "figu_", "figo_", of: .urlSafe, atLeast: 40),
        // "Behind GitHub's new authentication token formats": letters and digits, and they may become longer.
        run("a GitHub token", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", of: .alphanumeric, atLeast: 36),
        run("a GitHub token", "github_pat_", of: .word, atLeast: 82),
        run(
            "a GitLab token", "glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glsoat-", "glimt-",
            "GR1348941", of: [.urlSafe, .dot], atLeast: 20),
        run("a Grafana token", "glsa_", of: .word, exactly: 41),
        run("a Grafana token", "glc_eyJ", "eyJrIjoi", of: [.base64, .equals], atLeast: 50),
        run("a HubSpot token", "pat-na1-", "pat-eu1-", "pat-na2-", "pat-ap1-", of: [.lowerHex, .dash], exactly: 36),
        run("an Intercom token", "dG9rO", of: [.base64, .equals], exactly: 55),
        run("a Linear API key", "lin_api_", of: .alphanumeric, exactly: 40),
        run("a Linear token", "lin_oauth_", "lin_wh_", of: .alphanumeric, atLeast: 40),
        run("a Mailgun API key", "key-", of: .lowerHex, exactly: 32),
        run("a MailerSend API key", "mlsn.", of: .lowerHex, exactly: 64),
        run("a New Relic key", "NRAK-", of: [.upper, .digit], exactly: 27),
        run("a New Relic key", "NRII-", of: .urlSafe, exactly: 32),
        run("a Notion token", "ntn_", of: .alphanumeric, exactly: 46),
        run("an npm token", "npm_", of: .alphanumeric, exactly: 36),
        run("a NuGet API key", "oy2", of: [.lower, .digit], exactly: 43),
        run("a PostHog key", "phx_", of: .urlSafe, atLeast: 40),
        run("a Postman API key", "PMAK-", of: [.lowerHex, .dash], exactly: 59),
        run("a PyPI token", "pypi-AgE", of: .urlSafe, atLeast: 50),
        run("a RubyGems key", "rubygems_", of: .lowerHex, exactly: 48),
        run("a Sentry token", "sntrys_eyJ", of: [.base64, .urlSafe, .equals], atLeast: 100),
        run("a Sentry token", "sntryu_", of: .lowerHex, exactly: 64),
        run("a Shopify token", "shpat_", "shpca_", "shppa_", "shpss_", of: .lowerHex, exactly: 32),
        run(
            "a Slack webhook", "hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/",
            of: [.alphanumeric, .slash], atLeast: 40),
        run("a SonarQube token", "sqp_", "squ_", "sqa_", of: .lowerHex, exactly: 40),
        run("a Square token", "sq0atp-", "sq0csp-", of: .urlSafe, atLeast: 22),
        run("a Stripe live key", "sk_live_", "rk_live_", of: .alphanumeric, atLeast: 20),
        run("a webhook secret", "whsec_", of: [.base64, .equals], atLeast: 32),
        run("a Typeform token", "tfp_", of: [.urlSafe, .dot], exactly: 59),
    ].flatMap { $0 }

    /// Keys of language models and what is around them.
    private static let models: [SecretToken] =
        [
            run("an Anthropic API key", "sk-ant-", of: .urlSafe, atLeast: 60),
            run("an Amazon Bedrock API key", "ABSK", "bedrock-api-key-", of: [.base64, .equals], atLeast: 100),
            run("a Cerebras API key", "csk-", of: .alphanumeric, exactly: 48),
            run("a Cursor API key", "crsr_", "key_", of: .lowerHex, exactly: 64),
            run("an E2B API key", "e2b_", of: .lowerHex, exactly: 40),
            run("an ElevenLabs API key", "sk_", of: .lowerHex, exactly: 48),
            run("a Firecrawl API key", "fc-", of: .lowerHex, exactly: 32),
            run("a Fireworks API key", "fw_", of: .alphanumeric, exactly: 24),
            run("a Google API key", "AIza", of: .urlSafe, exactly: 35),
            run("a Google API key", "AQ.Ab", of: .urlSafe, atLeast: 45),
            run("a Groq API key", "gsk_", of: .alphanumeric, exactly: 52),
            run("a Hugging Face token", "hf_", "api_org_", of: .alphanumeric, exactly: 34),
            run("a Jina API key", "jina_", of: .urlSafe, atLeast: 50),
            run("a Langfuse key", "sk-lf-", of: [.lowerHex, .dash], exactly: 36),
            run("a LangSmith API key", "lsv2_pt_", "lsv2_sk_", of: .word, exactly: 43),
            run("a NVIDIA API key", "nvapi-", of: .urlSafe, atLeast: 60),
            run("an OpenRouter API key", "sk-or-v1-", of: .lowerHex, exactly: 64),
            run("a Perplexity API key", "pplx-", of: .alphanumeric, exactly: 48),
            run("a Pinecone API key", "pcsk_", of: .word, atLeast: 60),
            run("a Replicate token", "r8_", of: .alphanumeric, exactly: 37),
            run("a Tavily API key", "tvly-", of: .urlSafe, atLeast: 32),
            run("a Together API key", "tgp_v1_", of: .urlSafe, atLeast: 40),
            run("a Weights & Biases key", "wandb_v1_", of: .word, atLeast: 40),
            run("an xAI API key", "xai-", of: .alphanumeric, atLeast: 70),
        ].flatMap { $0 } + [
            // DeepSeek, Moonshot and others have what OpenAI had.
            SecretToken("an API key", "sk-", .run(.alphanumeric, 32, isExact: false), isVague: true)
        ]

    /// Tokens of clouds, databases and registries.
    private static let platforms: [SecretToken] = [
        run("an Artifactory token", "AKCp", of: .alphanumeric, exactly: 69),
        run("an Artifactory token", "cmVmdGtu", of: .alphanumeric, exactly: 56),
        run("an Azure shared key", "SharedAccessKey=", of: [.base64, .equals], exactly: 44),
        run("a Clojars token", "CLOJARS_", of: .lowerHex, exactly: 60),
        run("a Cloudflare token", "cfut_", "cfat_", "cfk_", of: .urlSafe, atLeast: 40),
        run("a Cloudflare key", "v1.0-", of: [.lowerHex, .dash], exactly: 171),
        run("a Databricks token", "dapi", of: .lowerHex, atLeast: 32),
        run("a Datadog key", "ddapp_", "ddpat_", of: .alphanumeric, atLeast: 30),
        run("a DigitalOcean token", "dop_v1_", "doo_v1_", "dor_v1_", of: .lowerHex, exactly: 64),
        run("a Docker Hub token", "dckr_pat_", "dckr_oat_", of: .urlSafe, atLeast: 27),
        run("a Fly.io token", "fo1_", of: .urlSafe, exactly: 43),
        run("a Fly.io token", "fm1r_", "fm1a_", "fm2_", of: [.base64, .equals], atLeast: 80),
        run("a Google client secret", "GOCSPX-", of: .urlSafe, exactly: 28),
        run("a Google token", "ya29.", "1//0", of: .urlSafe, atLeast: 40),
        run("a Heroku API key", "HRKU-", of: .urlSafe, atLeast: 36),
        run("a MongoDB Atlas secret", "mdb_sa_sk_", of: .urlSafe, atLeast: 38),
        run("a Neon API key", "napi_", of: .alphanumeric, atLeast: 60),
        run("a Netlify token", "nfp_", "nfc_", "nfb_", of: .alphanumeric, exactly: 36),
        run("a PlanetScale secret", "pscale_tkn_", "pscale_pw_", "pscale_oauth_", of: .urlSafe, atLeast: 32),
        run("a Pulumi token", "pul-", of: .lowerHex, exactly: 40),
        run("a Supabase token", "sbp_", "sbp_v0_", of: .lowerHex, exactly: 40),
        run("a Supabase secret key", "sb_secret_", of: .urlSafe, atLeast: 30),
        run("a Tailscale key", "tskey-", of: .urlSafe, atLeast: 25),
        run("a Vault token", "hvs.", "hvb.", "hvr.", of: .urlSafe, atLeast: 24),
        run("a Vercel token", "vcp_", "vck_", of: .alphanumeric, atLeast: 40),
        run("a Vercel token", "vercel_blob_rw_", of: .word, atLeast: 40),
    ].flatMap { $0 }
}
