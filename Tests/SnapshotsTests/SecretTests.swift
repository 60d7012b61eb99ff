import Git
import GitValues
import Snapshots
import TestSupport
import Testing

/// What is taken for a secret. No secret stands here as it is, so that tools which look for them stay quiet.
@Suite("A secret")
struct SecretTests {
    /// The form of a token: its prefix, and so many characters of an alphabet.
    struct Form: CustomTestStringConvertible, Sendable {
        let prefix: String
        let alphabet: String
        let count: Int
        /// Whether one character more is another thing.
        let isExact: Bool
        let name: String
        var testDescription: String { prefix }

        init(_ prefix: String, _ alphabet: String, _ count: Int, isExact: Bool = false, _ name: String) {
            self.prefix = prefix
            self.alphabet = alphabet
            self.count = count
            self.isExact = isExact
            self.name = name
        }

        func body(_ count: Int, seed: UInt64 = 1) -> String { SecretTests.random(alphabet, count, seed: seed) }
    }

    private static let small = "abcdefghijklmnopqrstuvwxyz"
    private static let hex = "0123456789abcdef"
    private static let letters = small + small.uppercased() + "0123456789"
    private static let urlSafe = letters + "_-"
    private static let base64 = letters + "+/"

    /// As random as a token is.
    private static func random(_ alphabet: String, _ count: Int, seed: UInt64 = 1) -> String {
        var generator = SeededGenerator(seed: seed &+ UInt64(count))
        return String((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? "x" })
    }

    static let forms = [
        Form("AGE-SECRET-KEY-" + "1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58, isExact: true, "an age key"),
        Form("sk-ant-" + "api03-", urlSafe, 95, "an Anthropic API key"),
        Form("ATATT" + "3", urlSafe, 186, "an Atlassian API token"),
        Form("AccountKey" + "=", base64, 86, isExact: true, "an Azure storage key"),
        Form("dap" + "i", hex, 32, "a Databricks token"),
        Form("dop_" + "v1_", hex, 64, isExact: true, "a DigitalOcean token"),
        Form("dckr_" + "pat_", urlSafe, 27, "a Docker Hub token"),
        Form("ghp" + "_", letters, 36, "a GitHub token"), Form("gho" + "_", letters, 36, "a GitHub token"),
        Form("ghu" + "_", letters, 36, "a GitHub token"), Form("ghs" + "_", letters, 36, "a GitHub token"),
        Form("ghr" + "_", letters, 36, "a GitHub token"), Form("github_" + "pat_", letters, 82, "a GitHub token"),
        Form("glpat" + "-", urlSafe, 20, "a GitLab token"), Form("glrt" + "-", urlSafe, 20, "a GitLab token"),
        Form("AIz" + "a", urlSafe, 35, isExact: true, "a Google API key"),
        Form("GOCSPX" + "-", urlSafe, 28, isExact: true, "a Google client secret"),
        Form("glsa" + "_", letters, 41, isExact: true, "a Grafana token"),
        Form("gsk" + "_", letters, 52, isExact: true, "a Groq API key"),
        Form("hf" + "_", small + small.uppercased(), 34, isExact: true, "a Hugging Face token"),
        Form("lin_" + "api_", letters, 40, isExact: true, "a Linear API key"),
        Form("ntn" + "_", letters, 46, isExact: true, "a Notion token"),
        Form("npm" + "_", letters, 36, isExact: true, "an npm token"),
        Form("sk-or" + "-v1-", hex, 64, isExact: true, "an OpenRouter API key"),
        Form("pplx" + "-", letters, 48, isExact: true, "a Perplexity API key"),
        Form("pypi-" + "AgE", urlSafe, 50, "a PyPI token"),
        Form("rubygems" + "_", hex, 48, isExact: true, "a RubyGems key"),
        Form("shpat" + "_", hex, 32, isExact: true, "a Shopify token"),
        Form("hooks.slack.com/" + "services/", letters, 44, "a Slack webhook"),
        Form("sk_" + "live_", letters, 24, "a Stripe live key"),
        Form("rk_" + "live_", letters, 24, "a Stripe live key"),
        Form("sbp" + "_", hex, 40, isExact: true, "a Supabase token"),
        Form("hvs" + ".", urlSafe, 95, "a Vault token"), Form("xai" + "-", letters, 80, "an xAI API key"),
        Form("r8" + "_", letters, 37, isExact: true, "a Replicate token"),
        Form("nfp" + "_", letters, 36, isExact: true, "a Netlify token"),
        Form("figd" + "_", urlSafe, 40, "a Figma token"), Form("glcbt" + "-", urlSafe, 24, "a GitLab token"),
        Form("glptt" + "-", hex, 40, "a GitLab token"), Form("sb_" + "secret_", letters, 31, "a Supabase secret key"),
        Form("pscale_" + "tkn_", letters, 43, "a PlanetScale secret"),
        Form("NRAK" + "-", "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 27, isExact: true, "a New Relic key"),
        Form("sntryu" + "_", hex, 64, isExact: true, "a Sentry token"),
        Form("vcp" + "_", letters, 56, "a Vercel token"),
        Form("fo1" + "_", urlSafe, 43, isExact: true, "a Fly.io token"),
        Form("dp.p" + "t.", letters, 43, "a Doppler token"), Form("whsec" + "_", base64, 32, "a webhook secret"),
        Form("tskey" + "-", letters, 44, "a Tailscale key"), Form("napi" + "_", letters, 64, "a Neon API key"),
        Form("key" + "-", hex, 32, isExact: true, "a Mailgun API key"),
        Form("csk" + "-", letters, 48, isExact: true, "a Cerebras API key"),
        Form("e2b" + "_", hex, 40, isExact: true, "an E2B API key"),
        Form("pcsk" + "_", letters, 64, "a Pinecone API key"), Form("tgp_" + "v1_", urlSafe, 43, "a Together API key"),
        Form("sk" + "_", hex, 48, isExact: true, "an ElevenLabs API key"),
    ]

    // MARK: Tokens

    @Test("is a token of a service wherever it stands in a text", arguments: forms)
    func token(form: Form) {
        let token = form.prefix + form.body(form.count)
        for before in ["", "x", "xy", "xyz", "key=", "key: \"", "https://me:", "\\n"] {
            // A word that goes on is no prefix.
            let isWord = before.last?.isLetter == true && before != "\\n" && form.prefix != "AccountKey" + "="
            for after in ["", "\n", "\"};\n", "\\n"] {
                let found = reason("a.ts", "let a = 1\n \(before)\(token)\(after)")
                #expect(found == (isWord ? nil : form.name), "\(before)…\(after)")
            }
        }
    }

    @Test("is no token that is too short, or has another prefix, or was made up by a person", arguments: forms)
    func nearToken(form: Form) {
        let body = form.body(form.count)
        var others = [form.prefix, form.prefix + "…", form.prefix.dropLast() + "~" + body]
        others.append(form.prefix + String(repeating: "x", count: form.count))
        others.append(form.prefix + body.prefix(form.count / 2 - 4) + "EXAMPLE" + body.suffix(form.count / 2 - 3))
        others.append(form.prefix + String("0123456789abcdef" + body).prefix(form.count))
        if form.isExact {
            others += [form.prefix + body.dropLast(), form.prefix + body + String(body.prefix(1))]
        } else {
            others.append(form.prefix + body.prefix(15))
        }
        for other in others {
            #expect(reason("a.ts", "let a = \"\(other)\"\n") == nil, "\(other)")
        }
    }

    @Test("is a Slack token, which has numbers in it")
    func slack() {
        let numbers = Self.random("0123456789", 12) + "-" + Self.random("0123456789", 12, seed: 2) + "-"
        for kind in ["xoxb", "xoxp", "xoxa", "xoxr", "xoxs", "xapp"] {
            #expect(reason("a", "\(kind)-" + numbers + Self.random(Self.letters, 24)) == "a Slack token")
            #expect(reason("a", "\(kind)-your-token-goes-here-and-nowhere-else") == nil)
            #expect(reason("a", "\(kind)-1-2") == nil)
        }
    }

    @Test("is an AWS key's identifier with the secret near it, neither of the two alone")
    func aws() {
        let key = Self.random("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
        let secret = Self.random(Self.base64, 40)
        for prefix in ["AK" + "IA", "AS" + "IA"] {
            #expect(
                reason("keys.csv", "Access key ID,Secret access key\n\(prefix)\(key),\(secret)\n")
                    == "an AWS access key")
            #expect(reason("a.py", "id = '\(prefix)\(key)'\ncommit = '\(Self.random(Self.hex, 40))'\n") == nil)
            #expect(reason("a.py", "value = '\(secret)'\n") == nil)
            #expect(reason("a.py", "\(prefix)\(key.dropLast()) \(secret)") == nil)
            #expect(reason("a.py", "\(prefix)\(key)" + String(repeating: "\n", count: 3000) + secret) == nil)
        }
        // The one of AWS's own documentation.
        #expect(reason("a.md", "AKIAIOSFODNN7" + "EXAMPLE\nwJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY") == nil)
    }

    @Test("is a key of OpenAI, which has the name in its middle")
    func openAI() {
        let middle = "T3Blbk" + "FJ"
        let (first, second) = (Self.random(Self.letters, 20), Self.random(Self.letters, 20, seed: 2))
        for prefix in ["sk-", "sk-proj-", "sk-svcacct-"] {
            #expect(reason("a.py", "key = '\(prefix)\(first)\(middle)\(second)'") == "an OpenAI API key")
            #expect(
                reason("a.py", "key = '\(prefix)\(first)\(second)'") == (prefix == "sk-" ? "an API key" : nil))
        }
        #expect(reason("a.py", "key = '\(first)\(middle)\(second)'") == nil)
        #expect(reason("a.py", "key = 'sk-\(first)\(middle)'") == nil)
    }

    @Test("is a key of SendGrid and a token of a Telegram bot, which have two parts")
    func twoParts() {
        let first = Self.random(Self.urlSafe, 22)
        let second = Self.random(Self.urlSafe, 43)
        #expect(reason("a.js", "'SG" + ".\(first).\(second)'") == "a SendGrid API key")
        for (first, second) in [(first, String(second.dropLast())), (first + "x", second), (first, second + "x")] {
            #expect(reason("a.js", "'SG" + ".\(first).\(second)'") == nil)
        }
        let bot = Self.random("123456789", 10)
        #expect(reason("a.js", "'\(bot):A" + "A\(Self.random(Self.urlSafe, 33))'") == "a Telegram bot token")
        #expect(reason("a.js", "'12345:A" + "A\(Self.random(Self.urlSafe, 33))'") == nil)
        #expect(reason("a.js", "'\(bot):A" + "A\(Self.random(Self.urlSafe, 34))'") == nil)
        #expect(reason("a.js", "'\(bot):AB\(Self.random(Self.urlSafe, 33))'") == nil)
    }

    @Test("is found at each place of a text, up to the first 64 KiB")
    func places() {
        let token = "ghp" + "_" + Self.random(Self.letters, 36)
        for count in 0..<40 {
            let text = String(repeating: ".", count: count) + token
            #expect(reason("a", text) == "a GitHub token")
            #expect(reason("a", text + String(repeating: ".", count: count)) == "a GitHub token")
        }
        let room = SecretRules.prefixSize - token.utf8.count
        #expect(reason("a", String(repeating: ".", count: room) + token) == "a GitHub token")
        #expect(reason("a", String(repeating: ".", count: room + 1) + token) == nil)
    }

    @Test("is not looked for in what is no text")
    func binary() {
        let token = "ghp" + "_" + Self.random(Self.letters, 36)
        #expect(reason("a", "\0" + token) == nil)
        #expect(reason("a", token + "\0") == nil)
        #expect(reason("a", token + String(repeating: ".", count: 8000) + "\0") == "a GitHub token")
    }

    // MARK: Keys

    @Test("is a private key of any kind, not a certificate, a public key or a word about one")
    func privateKeys() {
        let lines = (0..<4).map { Self.random(Self.base64, 64, seed: $0) }
        func pem(_ kind: String, _ separator: String = "\n", head: String = "") -> String {
            let edge = "-----"
            return
                ([edge + "BEGIN \(kind)" + edge] + (head.isEmpty ? [] : [head, ""]) + lines
                + [edge + "END \(kind)" + edge]).joined(separator: separator)
        }
        let key = "PRIVATE" + " KEY"
        for kind in [
            key, "RSA \(key)", "EC \(key)", "DSA \(key)", "OPENSSH \(key)", "ENCRYPTED \(key)", "PGP \(key) BLOCK",
        ] {
            for name in ["a.pem", "a.key", "notes.md", "deploy"] {
                #expect(reason(name, pem(kind)) == "a private key", "\(kind)")
                #expect(reason(name, "key = \"\(pem(kind, "\\n"))\"\n") == "a private key", "\(kind)")
            }
        }
        #expect(
            reason("a.pem", pem("RSA \(key)", head: "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00"))
                == "a private key")
        #expect(reason("chain.pem", pem("CERTIFICATE") + "\n" + pem(key)) == "a private key")
        let account = "{ \"type\": \"service_account\", \"private_key\": \"\(pem(key, "\\n"))\" }"
        #expect(reason("app-1234.json", account) == "a private key")

        for kind in ["CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY", "PGP PUBLIC KEY BLOCK", "CERTIFICATE REQUEST"] {
            for name in ["a.pem", "a.key", "id_rsa.pub"] { #expect(reason(name, pem(kind)) == nil, "\(kind)") }
        }
        let begin = "-----BEGIN \(key)-----"
        #expect(
            reason("parse.swift", "if line == \"\(begin)\" { inKey = true }\nlet end = \"-----END \(key)-----\"\n")
                == nil)
        #expect(
            reason("README.md", "\(begin)\nMIIEvQ...\n-----END \(key)-----\n\(lines.joined(separator: "\n"))") == nil)
        #expect(reason("README.md", "\(begin)\n\(String(repeating: "x", count: 640))\n-----END \(key)-----\n") == nil)
        #expect(reason("id.txt", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5" + lines[0]) == nil)
    }

    @Test("is a key of PuTTY")
    func putty() {
        let head = "PuTTY-User-Key" + "-File-3: ssh-ed25519\nEncryption: none\n"
        #expect(reason("a.ppk", head + "Public-Lines: 2\nAAAA\nPrivate-" + "Lines: 1\nAAAA\n") == "a private key")
        #expect(reason("a.ppk", head) == nil)
        #expect(reason("a.md", "It begins with \(head)Private-" + "Lines: 1\n") == nil)
    }

    @Test("is a store of keys by its name and its first bytes")
    func stores() {
        let padding = [UInt8](repeating: 7, count: 20)
        let pkcs12 = [0x30, 0x82, 0x0a, 0x01, 0x02, 0x01, 0x03] + padding
        let der = [0x30, 0x82, 0x04, 0xbd, 0x02, 0x01, 0x00] + padding
        let certificate = [0x30, 0x82, 0x04, 0xbd, 0x30, 0x82] + padding
        for (name, bytes) in [
            ("a.p12", pkcs12), ("A.PFX", pkcs12), ("a.p8", der), ("key.der", der),
            ("a.jks", [0xfe, 0xed, 0xfe, 0xed] + padding), ("release.keystore", [0xfe, 0xed, 0xfe, 0xed] + padding),
            ("a.kdbx", [0x03, 0xd9, 0xa2, 0x9a] + padding),
        ] { #expect(reason(name, bytes) == "a store of keys", "\(name)") }
        for (name, bytes) in [
            ("cert.der", certificate), ("a.p12", certificate), ("truststore.jks", [0xfe, 0xed, 0xfe, 0xed] + padding),
            ("android/app/debug.keystore", [0xfe, 0xed, 0xfe, 0xed] + padding), ("a.bin", pkcs12),
            ("a.keystore", Array("nothing".utf8)),
        ] { #expect(reason(name, bytes) == nil, "\(name)") }
        #expect(reason("config/master.key", Self.random(Self.hex, 32) + "\n") == "a key")
        #expect(reason("wg/private.key", Self.random(Self.base64, 43) + "=\n") == "a key")
        #expect(reason("wg/public.key", Self.random(Self.base64, 43) + "=\n") == nil)
        #expect(reason("a.key", "some words\n") == nil)
        #expect(reason("talk.key", Array("PK\u{3}\u{4}".utf8) + padding + [0]) == nil)
    }

    // MARK: Names

    @Test(
        "is a file by its name alone, when it is not empty",
        arguments: [
            "id_rsa", "ssh/id_ed25519", "a/.netrc", ".pgpass", ".git-credentials", ".aws/credentials", "ID_RSA",
        ])
    func names(name: String) {
        #expect(reason(name, "x") == "by its name")
        #expect(reason(name, "") == nil)
        for other in [name + ".pub", name + ".md", name + "x", name + "/readme"] {
            #expect(reason(other, "x") == nil, "\(other)")
        }
    }

    @Test(
        "is a .env with a value",
        arguments: [
            "A=1", "# all of it\n\nexport TOKEN=abc\n", "A=\r\nB = \"x\"\r\n", "a.b='c'", "\u{feff}A=1", "A=\nB=\nC=x",
            "A=${B}",
        ])
    func environment(text: String) {
        for name in [".env", "web/.env", ".env.local", ".env.production", ".ENV"] {
            #expect(reason(name, text) == "values in a .env file")
        }
        for name in [
            ".env.example", ".env.sample", ".env.template", ".env.dist", ".env.local.example", ".env.vault", "env",
            "a.env",
            ".environment", ".envrc", ".env/settings",
        ] { #expect(reason(name, text) == nil, "\(name)") }
    }

    @Test(
        "is no .env without a value",
        arguments: ["", "\n", "A=\n", "A=''\nB=\"\"\n", "# A=1\n", "A= # what it is\n", "A\n", "=x\n", "export A\n"])
    func emptyEnvironment(text: String) { #expect(reason(".env", text) == nil) }

    @Test(
        "is a file with a password or a token in it",
        arguments: [
            (".npmrc", "//registry.npmjs.org/:_auth" + "Token=", "abc", "registry=x\nalways-auth=true\n"),
            (".yarnrc.yml", "npmAuth" + "Token: ", "abc", "nodeLinker: pnp\n"),
            (".pypirc", "[pypi]\nusername = __token__\npass" + "word = ", "abc", "[distutils]\n"),
            (".my.cnf", "[client]\npass" + "word=", "abc", "[client]\nuser=me\n"),
            (".docker/config.json", "{\"auths\": {\"x\": {\"auth\": \"", "bWU=\"}}}", "{\"credsStore\": \"pass\"}"),
            ("credentials.json", "{\"client_" + "secret\": \"", "abc\"}", "{\"projects\": []}"),
            ("client_secret_1.json", "{\"client_" + "secret\":\"", "abc\"}", "{\"client_id\":\"x\"}"),
            (".kube/config", "users:\n- user:\n    client-key-" + "data: ", "abc", "clusters: []\n"),
            (".cargo/credentials.toml", "[registry]\ntok" + "en = \"", "abc\"", "[registry]\n"),
        ])
    func values(name: String, before: String, value: String, other: String) {
        #expect(reason(name, before + value + "\n") == "a password or token")
        for text in [before + "\n", before + "${TOKEN}\n", before + "<token>\n", before, other] {
            #expect(reason(name, text) == nil, "\(text)")
        }
        #expect(reason("x" + name, before + value + "\n") == nil)
    }

    @Test("is not what apps of Google are shipped with")
    func harmless() {
        let text = "{\"api_key\": [{\"current_key\": \"AIz" + "a\(Self.random(Self.urlSafe, 35))\"}]}"
        #expect(reason("app/google-services.json", text) == nil)
        #expect(reason("app/services.json", text) == "a Google API key")
    }

    private func reason(_ path: String, _ text: String) -> String? { reason(path, Array(text.utf8)) }

    private func reason(_ path: String, _ bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { SecretRules.reason(path: RepositoryPath(path), content: $0) }
    }
}
