"""What looks like a secret, and the far more that only seems to."""

import time

import pytest

from core.secrets import MOST, find_secrets

A36 = "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
HEX32 = "9f86d081884c7d659a2feaa0c55ad015"

LONG = "".join(sample + A36[::-1][:number] for number, sample in enumerate((A36[:20], A36[9:30]) * 7))

# Put together here, so that no scanner takes the repository for a leak.
SECRETS = [
    ("AWS access key", "AKI" + "AIOSFODNN7EXBMPLE"),
    ("AWS access key", "ASI" + "AY34FZKBOKMUTVV7A"),
    ("key", 'aws_secret_access_key = "wJ4lrXU7nFEMI/K7MDEN2/' + 'bPx8fiCY9zzqqK3Y"'),
    ("GitHub token", "gh" + "p_" + A36),
    ("GitHub token", "gh" + "s_" + A36),
    ("GitHub token", "github" + "_pat_11AXCQEFG0" + A36 + "_" + A36),
    ("GitLab token", "gl" + "pat-" + "x9Zk3LmQ7vRtY2wB5nHd"),
    ("Slack token", "xo" + "xb-2345678901-2345678901234-" + "aB3dE5fG7hJ9kL2mN4pQ6rS8"),
    ("Slack webhook", "https://hooks.sl" + "ack.com/services/T024BE7LH/B01ABCDEF/aB3dE5fG7hJ9kL2mN4pQ6rS8"),
    ("Anthropic key", "sk-" + "ant-api03-" + A36 + A36),
    ("OpenAI key", "sk-" + "proj-" + A36 + A36),
    ("OpenAI key", "sk-" + A36 + "aB3dE5fG7hJ9"),
    ("OpenRouter key", "sk-" + "or-v1-" + HEX32 + HEX32),
    ("Stripe key", "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"),
    ("Google API key", "AI" + "zaSyD9" + A36[:30] + "-"),
    ("Google OAuth secret", "GOC" + "SPX-" + A36[:28]),
    ("Hugging Face token", "h" + "f_" + A36[:34]),
    ("npm token", "np" + "m_" + A36),
    ("PyPI token", "py" + "pi-AgEIcHlwaS5vcmc" + A36 + A36),
    ("SendGrid key", "S" + "G." + A36[:22] + "." + A36 + A36[:7]),
    ("DigitalOcean token", "do" + "p_v1_" + HEX32 + HEX32),
    ("Vault token", "hv" + "s." + A36),
    ("Groq key", "gs" + "k_" + A36 + A36[:16]),
    ("Telegram bot token", "110201543:A" + "AHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
    ("JSON web token", "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NSJ9." + A36),
    ("private key", "-----BEGIN RSA PRIV" + "ATE KEY-----\nMIIEpAIBAAKCAQEA7bq9s0Tz\n"),
    ("private key", "-----BEGIN OPENSSH PRIV" + "ATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"),
    ("private key", '"-----BEGIN PRIV' + 'ATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\n"'),
    ("password in an address", "postgres://app:s3cr" + "tP4ss@db.internal:5432/app"),
    ("password in an address", "redis://:p7Kq9z" + "Lm@cache:6379"),
    ("token", "Authorization: Bearer " + "q7Zr4TnV8mXc2LbK9wYp"),
    ("token", 'curl -H "Authorization: Bearer ' + 'q7Zr4TnV8mXc2LbK9wYp" https://x.y'),
    ("password", 'password = "Tr0ub4dor&3"'),
    ("password", '{"db_password": "kf93-XpQ!"}'),
    ("password", "DB_PASSWORD=kf93XpQ7zz"),
    ("password", "  password: kf93XpQ7zz!"),
    ("key", f'API_KEY = "{HEX32}"'),
    ("key", f"export SERVICE_API_KEY={HEX32}"),
    ("key", f"+  api-key: {HEX32}"),
    ("token", 'token: "q7Zr4TnV8mXc2LbK9wYp"'),
    ("key", "client_secret='8Qw~7bZkT.pL2mNxR'"),
    ("GitHub token", "gh" + "p_TEST" + A36[4:]),
    ("Stripe webhook secret", "whs" + "ec_" + A36[:32]),
    ("Shopify token", "shp" + "at_" + HEX32),
    ("password", "mysql -u root -h db.internal -pKf93" + "xPq7 shop"),
    ("password", "mysqldump --single-transaction -p'kf9" + "3-XpQ!' shop > dump.sql"),
    ("password", "mariadb -h db --password=Kf93" + "xPq7 shop"),
    ("password", '\tpsk="blue ' + 'kf93 horse"'),
    ("password", "psk=" + HEX32 + HEX32),
    ("password", "psk=kf93" + "XpQ7zz"),
    ("Grafana token", "gl" + "sa_" + A36[:32] + "_" + HEX32[:8]),
    ("xAI key", "xa" + "i-" + A36 + A36),
    ("Perplexity key", "pp" + "lx-" + A36 + A36[:12]),
    ("Replicate token", "r" + "8_" + A36 + "b"),
    ("Supabase token", "sb" + "p_" + HEX32 + HEX32[:8]),
    ("Figma token", "fi" + "gd_" + A36 + "_bC4"),
    ("Notion token", "nt" + "n_" + A36 + A36[:10]),
    ("Atlassian token", "ATA" + "TT3xFfGF0" + A36 * 5),
    ("Pulumi token", "pu" + "l-" + HEX32 + HEX32[:8]),
    ("Terraform token", A36[:14] + ".atlas" + "v1." + A36 + A36[:28]),
    ("password", "machine example.com login me password kf93XpQ7zz"),
    ("password", "curl -s -u admin:kf93XpQ7zz https://x.y/z"),
    ("password", "curl --user='admin:kf93XpQ7zz' https://x.y/z"),
    ("password", "sshpass -p 'kf93XpQ7zz' ssh me@there"),
    ("password", "  <password>kf93XpQ7zz</password>"),
    ("password", "DB_PASS=kf93XpQ7zz!"),
    ("token", "aws_session_token=" + LONG),
    ("key", "    client-key-data: " + LONG * 8),
    ("random token", "STRIPE=" + A36),
    ("random token", "export KEY=" + A36),
    ("random token", "STRIPE=gQ0PBQFI14zGtSnovm" + "14TUOizwd1iaeO"),
    ("random token", "AccountName=x;AccountKey=" + A36 + A36 + A36[:14] + "==;EndpointSuffix=x.net"),
    ("random token", 'SIGNING = "kJ8sQ2xZ7vB4nM9wE3rT6yU1iO5pA0dF"'),
    ("random token", "X-Custom: kJ8sQ2xZ7vB4nM9wE3rT6yU1iO5pA0dFgH"),
]

HARMLESS = [
    "",
    "The password must have twelve characters.",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "9fceb02d0ae598e95dc970b74767f19372d61af8 refs/heads/main",
    "index 83db48f..bf2a3d1 100644",
    "id: 123e4567-e89b-12d3-a456-426614174000",
    "token = 123e4567",
    '"integrity": "sha512-9Qw7bZkTpL2mNxRkJ8sQ2xZ7vB4nM9wE3rT6yU1iO5pA0dFgHjKlZxCvBnMqWeRtYuIoPaSdFgHjK8w=="',
    'hash = "sha256:kJ8sQ2xZ7vB4nM9wE3rT6yU1iO5pA0dFkJ8sQ2xZ7vB4nM9w"',
    "h1:kJ8sQ2xZ7vB4nM9wE3rT6yU1iO5pA0dFkJ8sQ2xZ7vB4=",
    "<img src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'>",
    "password = os.environ['DB_PASSWORD']",
    'TOKEN = "[a-zA-Z_][a-zA-Z0-9_-]*"',
    'password = os.environ["DB_PASSWORD"]',
    'password = os.getenv("DB_PASSWORD", "")',
    "password=${DB_PASSWORD}",
    "password: ${{ secrets.DB_PASSWORD }}",
    "PASSWORD=$(pass show db)",
    'password = "changeme"',
    'password = "xxxxxxxx"',
    'api_key = "YOUR_API_KEY"',
    'api_key = "your-api-key-here"',
    'api_key = "<API_KEY>"',
    'api_key_cmd = ""          # e.g. "pass show openai"',
    'token: "{{ vault_token }}"',
    'secret = "********"',
    "AWS_ACCESS_KEY_ID=AKIA" + "IOSFODNN7EXAMPLE",
    "def login(password: str, token: str | None = None) -> bool:",
    "password: Optional[str] = None",
    "token = self.tokens[0]",
    "token = tokenizer2.next_token()",
    "token: string;",
    "const token = getToken();",
    "const apiKey = config.apiKey;",
    "let password = user.password2;",
    "access_token = response1",
    '<input type="password" name="password" id="password">',
    "max_tokens: 4096",
    "max_tokens_per_run = 0",
    "tokens_per_second=120.5",
    'TOKEN = r"(?<!x)[a-z]+"',
    "key = value1",
    '"keyboard": "qwerty-us2"',
    "public_key: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vB4nM9wE3rT6yU1iO5pA0dF",
    "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0B\n",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n",
    "Paste it as -----BEGIN PRIV" + "ATE KEY----- and so on.",
    "postgres://user:password@localhost/db",
    "https://user:${TOKEN}@github.com/x/y",
    "http://localhost:8080/@scope/package",
    "git@github.com:owner/name.git",
    "see https://host:443/path@2",
    "test_that_a_very_long_name_of_a_function_is_no_secret_at_all_1234",
    "class ThisIsAVeryLongClassNameThatSomebodyWroteIn2024ForHTTP2Servers:",
    'from "../components/Very/Long/Path/To/SomeComponent2024/index"',
    "core/context/sources/attachments/2024/ReportForTheBoard/Q3",
    "sk-learn and sk-image are libraries; sk-" + "thisisonlyalongwordwithoutdigits",
    "https://example.com/kJ8sQ2xZ7vB4nM9wE3rT6yU1iO5pA0dF",
    "x" * 100,
    "0123456789abcdef" * 4,
    'next_cursor = "kJ8sQ2xZ7vB4nM9wE3rT6yU1iO5pA0dF"',
    "Uncaught TypeError: token is not a function",
    "the secret: nobody reads it",
    "password: required, at least 8 characters",
    "passwords=correct",
    "docker run -u 1000:100000 image",
    "curl -u $USER:$PASSWORD https://x.y",
    "curl -u user:password https://x.y",
    "mysql -u root -p shop",
    "mysql -u root -p$PASSWORD shop",
    "mysql -u root -ppassword shop",
    "mysql -P 3306 --protocol=tcp shop1234",
    "mysql -pYOUR_PASSWORD < dump.sql",
    "docker run --name mysql -p33060:3306 mysql:8",
    "docker run mysql | grep -p12345x",
    "mysql is a server; ssh -p22222222 is another",
    "the psk=... goes there; psk=value of a form",
    'psk="your-wifi-password"',
    "psk=tls_psk_identity and PSK=AES256-SHA",
    "curl is a tool; it takes -u with a name",
    "sshpass -p $PASS ssh me@there",
    "<password>Password</password>",
    "<token>identifier</token> and <b>1234567890</b>",
    "every machine has a login and password of its own",
    "https://x.y/z?state=" + A36,
    "NAME=ThisIsALongNameThatSomebodyWrote2024ForHTTP2",
    "<a href=/z?a=1&state=" + A36 + ">",
    "sk-" + "ant-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "gh" + "p_" + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "token: " + "a long sentence about nothing " * 10,
    "tokens = " + "_".join(["word"] * 60),
]


@pytest.mark.parametrize(("kind", "text"), SECRETS, ids=lambda value: value[:24])
def test_a_secret_is_found_with_its_kind_and_line(kind: str, text: str) -> None:
    """What the message names is what the person goes and looks at."""
    (found,) = find_secrets(f"first\n{text}\nlast\n")

    assert (found.kind, found.line) == (kind, 2)


@pytest.mark.parametrize("text", HARMLESS, ids=lambda value: value[:24])
def test_what_only_seems_to_be_one_is_none(text: str) -> None:
    """Each false alarm teaches people to wave the next one through."""
    assert find_secrets(f"first\n{text}\nlast\n") == ()


@pytest.mark.parametrize(("kind", "text"), SECRETS, ids=lambda value: value[:24])
def test_what_is_shown_is_never_the_secret(kind: str, text: str) -> None:
    """It goes to a terminal, a log, a program that reads JSON."""
    (found,) = find_secrets(text)

    assert len(found.shown) <= 5
    assert found.shown[0] == "…"


@pytest.mark.parametrize("name", [".env", "deploy/.env.production", "prod.env", ".envrc"])
def test_in_an_env_file_every_value_of_a_secret_name_counts(name: str) -> None:
    """There nobody writes code, so what stands there is meant."""
    text = "DEBUG=true\nDB_PASSWORD=correcthorses\nAPI_TOKEN=${FROM_ELSEWHERE}\nJWT_SECRET=changeme\n"

    assert [(secret.kind, secret.line) for secret in find_secrets(text, name)] == [("password", 2)]
    assert find_secrets(text, "notes.txt") == ()


@pytest.mark.parametrize("name", [".env", "deploy/.env:1-9", ".env:3"])
@pytest.mark.parametrize(
    "line",
    [
        "DB_PASS=hunter22x",
        "APP_SALT='verysalty'",
        "SENTRY_DSN=https://" + HEX32 + "@o1.ingest.example.net/1",
        "export AUTH_KEY=onlyletters",
    ],
)
def test_in_an_env_file_more_names_are_secret(name: str, line: str) -> None:
    """Also in some of its lines alone, by whatever range they are named."""
    assert len(find_secrets(f"A=b\n{line.replace('example', 'sentry')}\n", name)) == 1


def test_what_is_no_secret_is_none_in_an_env_file() -> None:
    """Most of what stands there is how a program is set up."""
    text = (
        "KEYBOARD=german\nKEY_PATH=/etc/ssl/key.pem\nAUTH_URL=https://login.there.net/x\n"
        "PUBLIC_KEY=kf93XpQ7zz\nHOST=machine.there.net\nSALT=changeme\nAUTH_MODE=none\nPASS_COUNT=1000000\n"
    )

    assert find_secrets(text, ".env") == ()


def test_minified_code_is_looked_through_for_shapes_only() -> None:
    """It is full of names like passwords, and of tokens without order."""
    code = 'a.token="x9Zk3LmQ7v";b="kJ8sQ2xZ7vB4nM9wE3rT6yU1iO5pA0dF";' * 100

    assert find_secrets(code) == ()
    assert [secret.kind for secret in find_secrets(code + "gh" + "p_" + A36)] == ["GitHub token"]


def test_a_list_of_secrets_is_told_up_to_a_number() -> None:
    """The message must stay readable."""
    text = "\n".join("gh" + "p_" + A36[:-2] + f"{number:02}" for number in range(60))

    found = find_secrets(text)

    assert len(found) == MOST
    assert [secret.line for secret in found] == list(range(1, MOST + 1))


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            "eyJ",
            "eyJ-",
            "eyJa.eyJ",
            "sk-",
            "sk-ant-",
            "token=",
            'token="',
            "token: ",
            "password",
            "-----BEGIN ",
        ),
        *("://", "://a:", "://a:b", "aB3", "aB3+", "A ", "=", "\n", "AKIA", "xoxb-", "://::::@", "-", "'\"`"),
        *(
            "-----BEGIN RSA PRIV" + "ATE KEY-----",
            "Authorization: Bearer ",
            "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3x ",
            "curl ",
            "curl -u ",
            "curl -u a:",
            "machine a login ",
            "<",
            "<password>",
            "<a",
            "sshpass -p ",
            "mysql ",
            "mysql -p",
            "mysql a -pa ",
            "psk=",
            'psk="',
            "\npsk=",
            "\npsk=aB3dE5fG7hJ9 ",
            "_pass",
            "client-key-data: ",
            "token=aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3x",
            "KEY=aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3x;",
        ),
    ],
)
def test_the_time_grows_with_the_length_alone(unit: str) -> None:
    """A large file of whatever somebody sends must not hold up the answer."""

    def took(size: int) -> float:
        text = unit * (size // len(unit))
        best = float("inf")
        for _ in range(3):  # one may pay for somebody else's garbage
            begun = time.process_time()
            find_secrets(text)
            best = min(best, time.process_time() - begun)
            if best < 0.05:
                break
        return best

    small, large = took(2**13), took(2**16)

    assert large < max(0.05, small * 8 * 3)
