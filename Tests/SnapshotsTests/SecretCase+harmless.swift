extension SecretCase {
    /// What looks like a secret to a careless reader, and is none.
    static let harmless: [SecretCase] = hashes + embedded + placeholders + references + invented + known

    private static let hashes = [
        SecretCase("a checksum list", "SHA256SUMS") { "\($0.hex(64))  git-wf.tar.gz\n\($0.hex(64))  git-wf.zip\n" },
        SecretCase("a commit id", "VERSION.json") { #"{"commit": "\#($0.hex(40))", "tree": "\#($0.hex(40))"}"# },
        SecretCase("a UUID under a secret's name", "app.json") { #"{"clientSecret": "\#($0.uuid())"}"# },
        SecretCase("UUIDs", "ids.csv") { "id,name\n\($0.uuid()),a\n\($0.uuid()),b\n" },
        SecretCase("npm's lock file", "package-lock.json") {
            #"{"node_modules/jsonwebtoken": {"integrity": "sha512-\#($0.base64(86))=="}}"#
        },
        SecretCase("yarn's lock file", "yarn.lock") {
            "token-types@^4.2.0:\n  resolved \"https://r.io/token-types-4.2.1.tgz#\($0.hex(40))\"\n"
                + "  integrity sha512-\($0.base64(86))==\n"
        },
        SecretCase("pnpm's lock file", "pnpm-lock.yaml") { "resolution: {integrity: sha512-\($0.base64(86))==}\n" },
        SecretCase("Cargo's lock file", "Cargo.lock") { "name = \"secrecy\"\nchecksum = \"\($0.hex(64))\"\n" },
        SecretCase("Go's sums", "go.sum") { "golang.org/x/oauth2 v0.2.0 h1:\($0.base64(43))=\n" },
        SecretCase("Poetry's lock file", "poetry.lock") { "content-hash = \"\($0.hex(64))\"\n" },
        SecretCase("a container's digest", "compose.yaml") { "image: postgres@sha256:\($0.hex(64))\n" },
        SecretCase("a hashed password", "seed.sql") {
            "INSERT INTO u (password) VALUES ('$2b$12$\($0.letters(53))');\n"
        },
        SecretCase("a hash with its kind", "users.yml") { "password: \"sha256:\($0.hex(64))\"\n" },
        SecretCase("a key of a cache", "ci.yml") { "key: node-\($0.hex(64))\nrestore-keys: node-\n" },
        SecretCase("an ETag", "response.http") { "HTTP/1.1 200\nETag: \"\($0.hex(32))\"\n" },
        SecretCase("integrity in a page", "index.html") {
            "<script src=a.js integrity=\"sha384-\($0.base64(64))\" crossorigin></script>\n"
        },
    ]

    private static let embedded = [
        SecretCase("an image in base64", "icon.css") {
            "a{background:url(data:image/png;base64,iVBORw0KGgo\($0.base64(900))==)}\n"
        },
        SecretCase("a font in base64", "font.css") {
            "@font-face{src:url(data:font/woff2;base64,d09GMgAB\($0.base64(2000))=)}\n"
        },
        SecretCase("a source map", "a.js.map") {
            #"{"version":3,"mappings":"\#($0.letters(400)),\#($0.letters(300))"}"#
        },
        SecretCase("minified code", "a.min.js") { _ in
            "!function(e,t){var n=e.token,r=t.apiKey||\"\";e.password=function(e){return r+n.secretKey2(e)};"
                + "const accessToken=t.getAccessTokenFromCookie2(n),o={apiKey:n.key1,secret:t.a1b2()}}(window,api);\n"
        },
        SecretCase("a notebook's picture", "a.ipynb") { #"{"outputs":[{"image/png":"\#($0.base64(1200))"}]}"# },
        SecretCase("random words", "words.txt") { "\($0.of(SecretDraw.small, 40))\n\($0.letters(40))\n" },
        SecretCase("a picture in UTF-16 text", "notes.txt") { draw in
            [0xff, 0xfe] + "iVBORw0KGgo\(draw.base64(300))\r\n".utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        },
    ]

    private static let placeholders = [
        SecretCase("an example of variables", ".env.example") { _ in "API_KEY=your-api-key-here\nDB_PASSWORD=\n" },
        SecretCase("an example of another name", "prod.env.example") { "SECRET_KEY=\($0.letters(40))\n" },
        SecretCase("a sample", ".env.sample") { "SECRET_KEY=\($0.letters(40))\n" },
        SecretCase("a template", ".env.template") { "SECRET_KEY=\($0.letters(40))\n" },
        SecretCase("a document's key", "README.md") { _ in "Set `api_key = \"your-api-key-here-0123\"`.\n" },
        SecretCase("crosses", "docs/setup.md") { _ in
            "export GITHUB_TOKEN=ghp_" + String(repeating: "x", count: 36) + "\n"
        },
        SecretCase("crosses behind a name", "a.yml") { _ in "secret_key: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" },
        SecretCase("angle brackets", "b.yml") { _ in "password: <put the password of Sec2ure here>\n" },
        SecretCase("AWS's own example", "aws.md") { _ in
            "AKIAIOSFODNN7" + "EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY\n"
        },
        SecretCase("a stub of a private key", "tls.md") { _ in
            "-----BEGIN PRIVATE" + " KEY-----\nMIIEvQ...\n-----END PRIVATE" + " KEY-----\n"
        },
        SecretCase("an address in a document", "db.md") { _ in "postgres://user:password@localhost:5432/app\n" },
        SecretCase("an address of an example", "url.md") { _ in "https://alice:s3cr3tPw9@db.example.com/app\n" },
        SecretCase("a changed password", "compose.env") { _ in
            "POSTGRES_PASSWORD=changeme\nREDIS_PASSWORD=changeme123\n"
        },
        SecretCase("a login left open", ".npmrc") { _ in "//registry.npmjs.org/:_authToken=your-token-here\n" },
    ]

    private static let references = [
        SecretCase("a variable's variable", ".envrc") { _ in "dotenv\nexport API_KEY=${WORK_API_KEY}\nlayout node\n" },
        SecretCase("the answer of a command", "shell.env") { _ in "DB_PASSWORD=$(op read op://dev/db/password)\n" },
        SecretCase("a vault's reference", "op.env") { _ in "API_TOKEN=op://vault/item1/token\n" },
        SecretCase("a workflow's secret", "deploy.yml") { _ in "token: ${{ secrets.DEPLOY_TOKEN_2 }}\n" },
        SecretCase("an address with variables", "db.ts") { _ in
            "const u = `postgres://${user}:${password1}@${host}/a`; v = \"mysql://%s:%s@db.io/x\"\n"
        },
        SecretCase("code that reads the environment", "env.py") { _ in
            "API_KEY = os.environ[\"API_KEY_2\"]\npassword = settings.DATABASE2.password\n"
        },
        SecretCase("encrypted values", "secrets.yaml") { "password: ENC[AES256_GCM,data:\($0.base64(24)),type:str]\n" },
        SecretCase("a manager's name", "main.tf") { _ in
            "secret = \"arn:aws:secretsmanager:eu-west-1:9182736450:secret:prod/db-Ab1Cd2\"\n"
        },
        SecretCase("a file's path", "tls.yaml") { _ in "private_key: /etc/ssl/private/server1-Key.pem\n" },
        SecretCase("a type of a variable", "env.d.ts") { _ in
            "declare const API_KEY: string\ntype T = { token: Token2 }\n"
        },
    ]

    private static let invented = [
        SecretCase("a fixture's password", "login.test.ts") { _ in
            "login({ user: 'a', password: 'Testpassword123!' })\n"
        },
        SecretCase("a fixture's token", "api.test.js") { _ in "const token = 'fake-token-for-tests-1a2B3c4D'\n" },
        SecretCase("a fixture's Stripe key", "pay.test.ts") { _ in
            "const apiKey = 'sk_live_" + "abcdefghijklmnopqrstuvwx'\n"
        },
        SecretCase("a fixture's digits", "conf.rb") { _ in "secret_key: '0123456789abcdef0123456789abcdef'\n" },
        SecretCase("labels in a snapshot", "Login.snap") { _ in
            "<label>Password</label><input type=\"password\" name=\"password\" value=\"\">\n  \"token\": Any<String>,\n"
        },
        SecretCase("words of a translation", "de.json") { _ in
            #"{"password": "Passwort", "token": "Zugangsschlüssel2"}"#
        },
        SecretCase("a document's JSON Web Token", "jwt.md") {
            "Authorization: Bearer \($0.webToken(#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#))\n"
        },
    ]

    private static let known = [
        SecretCase("a public key", "id_ed25519.pub") {
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA\($0.base64(48)) me@host\n"
        },
        SecretCase("a certificate", "ca.pem") { $0.pem("CERTIFICATE", lines: 20) },
        SecretCase("a public key in PEM", "jwt.pem") { $0.pem("PUBLIC KEY") },
        SecretCase("publishable keys", "shop.js") {
            "Stripe('pk_live_\($0.letters(99))'); createClient(u, 'sb_publishable_\($0.letters(22))_\($0.letters(8))')\n"
        },
        SecretCase("a key for browsers in variables", "web.env") {
            "NEXT_PUBLIC_API_KEY=\($0.letters(32))\nPORT=3000\n"
        },
        SecretCase("Supabase's key for everybody", "client.ts") {
            "createClient(url, '\($0.webToken(#"{"iss":"supabase","ref":"qkzv","role":"anon","iat":1759000000}"#))')\n"
        },
    ]
}
