extension SecretCase {
    private static let key = "PRIVATE" + " KEY"

    /// Secrets in the forms and in the files in which they are met.
    static let secrets: [SecretCase] = files + cloud + models + services + keys

    private static let files = [
        SecretCase("variables of production", "deploy/prod.env") { "LOG_LEVEL=info\nDB_PASSWORD=\($0.letters(16))\n" },
        SecretCase("direnv", ".envrc") { "use flake\nexport SECRET_KEY_BASE=\($0.hex(64))\n" },
        SecretCase("variables of one machine", "ai/mistral.env.local") { "MISTRAL_API_KEY=\($0.letters(32))\n" },
        SecretCase("a person's password in variables", "docker/db.env") { _ in "MYSQL_ROOT_PASSWORD=Winter-is-2Cold\n"
        },
        SecretCase("Wrangler's variables", ".dev.vars") { "API=\($0.letters(20))\n" },
        SecretCase("Terraform's variables", "terraform.tfvars") { "db_password = \"\($0.letters(20))\"\n" },
        SecretCase("Terraform's state", "terraform.tfstate") {
            #"{"version":4,"resources":[{"instances":[{"attributes":{"password":"\#($0.letters(20))"}}]}]}"#
        },
        SecretCase("Streamlit's secrets", ".streamlit/secrets.toml") { "[db]\npassword = \"\($0.letters(12))\"\n" },
        SecretCase("npm's login", ".npmrc") { "//registry.npmjs.org/:_authToken=\($0.uuid())\n" },
        SecretCase("PyPI's login", ".pypirc") { "[pypi]\nusername = me\npassword = \($0.letters(14))\n" },
        SecretCase("curl's login", ".netrc") { "machine api.heroku.com login me password \($0.uuid())\n" },
        SecretCase("PostgreSQL's login", ".pgpass") { "db:5432:app:me:\($0.letters(10))\n" },
        SecretCase("a kubeconfig", "kubeconfig") { "users:\n- user:\n    token: \($0.letters(40))\n" },
        SecretCase("a key in a kubeconfig of another name", "k3s.yaml") {
            let key = Array("-----BEGIN \(key)-----\n\($0.base64(64))\n\($0.base64(64))\n".utf8)
            return "users:\n- user:\n    client-key-data: \(Base64.text(key))\n"
        },
        SecretCase("Docker's login", ".docker/config.json") {
            #"{"auths":{"ghcr.io":{"auth":"\#($0.base64(40))"}}}"#
        },
        SecretCase("a token in UTF-16", "token.txt") { draw in
            [0xff, 0xfe] + "ghp_\(draw.letters(36))\r\n".utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        },
    ]

    private static let cloud = [
        SecretCase("AWS keys", "aws.csv") {
            "Access key ID,Secret\nAKIA\($0.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),\($0.base64(40))\n"
        },
        SecretCase("an AWS secret alone", "deploy.sh") { "export AWS_SECRET_ACCESS_KEY=\($0.base64(40))\n" },
        SecretCase("an Azure client secret", "azure.txt") {
            "AZURE_CLIENT_SECRET=\($0.letters(3))8Q~\($0.letters(34))\n"
        },
        SecretCase("an Azure storage key", "a.config") {
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=\($0.base64(86))==;EndpointSuffix=x\n"
        },
        SecretCase("a GCP service account", "app-prod-1f2e.json") {
            #"{"type": "service_account", "private_key": "\#($0.pem(key, separator: "\\n"))"}"#
        },
        SecretCase("a Cloudflare token", "cf.toml") { "CLOUDFLARE_API_TOKEN = \"\($0.letters(40))\"\n" },
        SecretCase("a DigitalOcean token", "do.txt") { "dop_v1_\($0.hex(64))\n" },
        SecretCase("a Fly.io token", "fly.txt") { "FlyV1 fm2_\($0.base64(160))\n" },
        SecretCase("a Netlify token", "site.yml") { "auth: nfp_\($0.letters(36))\n" },
        SecretCase("a Vercel token", "vercel.sh") { "vercel deploy --token \($0.letters(24))\n" },
        SecretCase("a Databricks token", ".databrickscfg") { "[DEFAULT]\ntoken = dapi\($0.hex(32))-2\n" },
        SecretCase("a PlanetScale token", "planetscale.txt") { "pscale_tkn_\($0.letters(43))\n" },
        SecretCase("a Supabase secret key", "supabase.ts") {
            "const k = 'sb_secret_\($0.letters(22))_\($0.letters(8))'\n"
        },
        SecretCase("Supabase's service role", "admin.ts") {
            "createClient(url, '\($0.webToken(#"{"iss":"supabase","ref":"qkzv","role":"service_role","iat":1759000000}"#))')\n"
        },
        SecretCase("an address of PostgreSQL", "dsn.py") {
            "DSN = 'postgresql://admin:\($0.letters(18))@db.prod.internal:5432/app'\n"
        },
        SecretCase("an address of MongoDB", "mongo.js") {
            "connect('mongodb+srv://svc:\($0.letters(16))@cluster0.ab1cd.mongodb.net')\n"
        },
        SecretCase("an address of Redis without a user", "cache.rb") {
            "Redis.new(url: \"rediss://:\($0.letters(24))@cache.internal.io:6380\")\n"
        },
        SecretCase("a Terraform Cloud token", "tf.txt") { "\($0.letters(14)).atlasv1.\($0.letters(67))\n" },
        SecretCase("a Doppler token", "doppler.yaml") { "token: dp.st.prd.\($0.letters(40))\n" },
        SecretCase("a 1Password service account", "op.txt") { "ops_eyJ\($0.letters(400))\n" },
        SecretCase("a Tailscale key", "up.sh") {
            "tailscale up --authkey tskey-auth-k\($0.letters(11))CNTRL-\($0.letters(32))\n"
        },
    ]

    private static let models = [
        SecretCase("an Anthropic key", "a.py") { "Anthropic(api_key='sk-ant-api03-\($0.urlSafe(93))AA')\n" },
        SecretCase("an OpenAI project key", "b.py") {
            "OpenAI(api_key='sk-proj-\($0.urlSafe(74))T3BlbkFJ\($0.urlSafe(74))')\n"
        },
        SecretCase("an xAI key", "xai.txt") { "xai-\($0.letters(80))\n" },
        SecretCase("a Replicate token", "r.txt") { "r8_\($0.letters(37))\n" },
        SecretCase("a Groq key", "g.ts") { "new Groq({ apiKey: 'gsk_\($0.letters(52))' })\n" },
        SecretCase("a Hugging Face token", "hf.txt") { "hf_\($0.letters(34))\n" },
        SecretCase("a DeepSeek key", "d.py") { "client = Client('sk-\($0.hex(32))')\n" },
    ]

    private static let services = [
        SecretCase("a GitHub fine-grained token", "gh.txt") { "github_pat_\($0.letters(22))_\($0.letters(59))\n" },
        SecretCase("a GitLab job token", "gitlab.txt") { "glcbt-64_\($0.letters(20))\n" },
        SecretCase("a New Relic key", "newrelic.txt") { "NRAK-\($0.upper(27))\n" },
        SecretCase("a Sentry token", "sentry.txt") { "sntrys_eyJ\($0.letters(120))_\($0.letters(43))\n" },
        SecretCase("a Slack token", "slack.txt") { "xoxb-\($0.digits(12))-\($0.digits(13))-\($0.letters(24))\n" },
        SecretCase("a Discord bot", "bot.js") {
            "client.login('MTE\($0.letters(23)).G\($0.letters(5)).\($0.urlSafe(38))')\n"
        },
        SecretCase("a Telegram bot", "bot.py") { "Bot('\($0.digits(10)):AA\($0.urlSafe(33))')\n" },
        SecretCase("a Twilio token", "sms.js") { "const authToken = '\($0.hex(32))'\n" },
        SecretCase("a Stripe key", "pay.rb") { "Stripe.api_key = 'sk_live_\($0.letters(99))'\n" },
        SecretCase("a Shopify token", "shop.txt") { "shpat_\($0.hex(32))\n" },
        SecretCase("a Figma token", "figma.txt") { "figd_\($0.urlSafe(40))\n" },
        SecretCase("a Datadog key", "agent.yaml") { "site: datadoghq.eu\napi_key: \($0.hex(32))\n" },
        SecretCase("a Grafana token", "grafana.txt") { "glsa_\($0.letters(32))_\($0.hex(8))\n" },
    ]

    private static let keys = [
        SecretCase("a private key", "server.pem") { $0.pem("EC \(key)", lines: 3) },
        SecretCase("a key of WireGuard", "wg0.conf") { "[Interface]\nPrivateKey = \($0.base64(43))=\n" },
        SecretCase("an age key", "age.txt") {
            "AGE-SECRET-KEY-1\($0.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58))\n"
        },
    ]
}
