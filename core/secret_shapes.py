"""How keys look that can be told by their looks alone: what they begin with, and how they go on."""

_END = r"(?![\w-])"

SHAPES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("AWS access key", ("AKIA", "ASIA", "ABIA", "ACCA"), r"A[A-Z]{3}[A-Z2-7]{16}\b"),
    ("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36,255}\b"),
    ("GitHub token", ("github_pat_",), r"github_pat_[A-Za-z0-9_]{60,255}\b"),
    ("GitLab token", ("glpat-", "gldt-", "glrt-", "glptt-"), rf"gl\w{{2,4}}-[A-Za-z0-9_-]{{20,255}}{_END}"),
    ("Slack token", ("xox", "xapp-"), rf"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{{14,255}}{_END}"),
    ("Slack webhook", ("hooks.slack.com/",), r"hooks\.slack\.com/\w{8,12}/T[A-Za-z0-9_/]{20,255}"),
    ("Anthropic key", ("sk-ant-",), rf"sk-ant-[A-Za-z0-9_-]{{24,255}}{_END}"),
    ("OpenRouter key", ("sk-or-",), rf"sk-or-v\d-[A-Za-z0-9]{{32,255}}{_END}"),
    ("OpenAI key", ("sk-proj-", "sk-svca", "sk-admin-"), rf"sk-[a-z]{{4,7}}-[A-Za-z0-9_-]{{20,255}}{_END}"),
    ("OpenAI key", ("sk-",), rf"sk-(?=[A-Za-z]*\d)[A-Za-z0-9]{{32,64}}{_END}"),
    ("Stripe key", ("sk_live_", "rk_live_"), r"[sr]k_live_[A-Za-z0-9]{16,255}\b"),
    ("Google API key", ("AIza",), rf"AIza[A-Za-z0-9_-]{{35}}{_END}"),
    ("Google OAuth secret", ("GOCSPX-",), rf"GOCSPX-[A-Za-z0-9_-]{{28}}{_END}"),
    ("Google OAuth token", ("ya29.",), r"ya29\.[A-Za-z0-9_-]{30,255}"),
    ("Hugging Face token", ("hf_",), r"hf_(?=[A-Za-z]*\d)?[A-Za-z0-9]{34,64}\b"),
    ("npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}\b"),
    ("PyPI token", ("pypi-AgEI",), r"pypi-AgEI[A-Za-z0-9_-]{50,255}"),
    ("SendGrid key", ("SG.",), rf"SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{32,64}}{_END}"),
    ("DigitalOcean token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[0-9a-f]{64}\b"),
    ("Vault token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[A-Za-z0-9_-]{24,255}"),
    ("Databricks token", ("dapi",), r"dapi[0-9a-f]{32}\b"),
    ("Linear key", ("lin_api_",), r"lin_api_[A-Za-z0-9]{32,64}\b"),
    ("Groq key", ("gsk_",), r"gsk_[A-Za-z0-9]{40,64}\b"),
    ("Stripe webhook secret", ("whsec_",), rf"whsec_[A-Za-z0-9+/]{{24,64}}={{0,2}}{_END}"),
    ("Shopify token", ("shpat_", "shpss_", "shpca_", "shppa_"), r"shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}\b"),
    ("Grafana token", ("glsa_",), r"glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}\b"),
    ("xAI key", ("xai-",), rf"xai-[A-Za-z0-9]{{60,100}}{_END}"),
    ("Perplexity key", ("pplx-",), rf"pplx-[A-Za-z0-9]{{40,64}}{_END}"),
    ("Replicate token", ("r8_",), r"r8_[A-Za-z0-9]{37,40}\b"),
    ("Supabase token", ("sbp_",), r"sbp_[0-9a-f]{40}\b"),
    ("Figma token", ("figd_",), rf"figd_[A-Za-z0-9_-]{{36,64}}{_END}"),
    ("Notion token", ("ntn_",), r"ntn_[A-Za-z0-9]{40,60}\b"),
    ("Atlassian token", ("ATATT3",), r"ATATT3[A-Za-z0-9_=-]{100,255}"),
    ("Pulumi token", ("pul-",), rf"pul-[0-9a-f]{{40}}{_END}"),
    ("Terraform token", (".atlasv1.",), rf"(?<=[A-Za-z0-9]{{14}})\.atlasv1\.[A-Za-z0-9_-]{{60,70}}{_END}"),
    ("age key", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[A-Z0-9]{58}\b"),
    ("Telegram bot token", (":AA",), rf"(?<=\d{{8}}):AA[A-Za-z0-9_-]{{32,34}}{_END}"),
    (
        "JSON web token",
        ("eyJ",),
        r"eyJ[A-Za-z0-9_-]{10,4096}+\.eyJ[A-Za-z0-9_-]{10,4096}+\.[A-Za-z0-9_-]{20,2048}",
    ),
    (
        "private key",
        ("-----BEGIN ",),
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:\\[rn]|[\s\"'+,\\]){1,12}(?:[A-Za-z0-9+/=]{16}|Proc-Type:|Version:|Comment:)",
    ),
    (
        "password in an address",
        ("://",),
        r"://[^\s:/@\"'<>]{0,64}:(?P<value>[^\s:/@\"'<>]{4,128})@(?=[\w.\[-])",
    ),
    (
        "password",
        ("machine ",),
        r"machine[ \t]{1,8}\S{1,255}\s{1,16}login\s{1,16}\S{1,128}\s{1,16}password\s{1,16}"
        r"(?P<value>\S{4,128})",
    ),
    ("password", ("sshpass ",), r"sshpass\s{1,8}-p\s{0,8}[\"']?(?P<written>[^\s\"']{6,128})"),
    (
        "password",
        ("mysql ", "mysqldump ", "mysqladmin ", "mariadb ", "mariadb-dump "),
        # Right behind -p; with a space it is asked for, and a database follows. What looks like ports is
        # docker's. Up to the next one at most, so that no place is looked at twice.
        r"(?:mysql|maria)[a-z-]{0,8} (?:\\\n|(?!mysql|mariadb)[^\n|;&]){0,200}?(?<=\s)"
        r"(?:-p|--password=)(?!\d{1,5}:\d)[\"']?(?P<written>[^\s\"'$]{6,128})",
    ),
    (
        "password",
        ("psk=", "wpa_psk="),
        r"(?:wpa_)?psk=(?:\"(?P<written>[^\"\n]{8,63})\"|(?P<value>[0-9a-fA-F]{64})\b)",
    ),
    ("password", ("psk=",), r"(?<![^\n])psk=(?P<written>[^\s\"'$]{8,63})(?=\s{0,8}(?:\n|\Z))"),
    (
        "password",
        ("curl ",),
        # Up to the next one at most, so that no place is looked at twice.
        r"curl (?:\\\n|(?!curl )[^\n]){0,200}?(?<=\s)(?:-u|--user)[ =]?\s{0,4}[\"']?"
        r"[^\s:\"'$]{1,64}:(?P<written>[^\s\"']{6,128})",
    ),
    (
        "password",
        ("<",),
        r"<(?i:[\w.-]{0,32}?(?:password|passwd|passphrase|secret|token|api-?key))>(?P<written>[^<\s]{6,160})</",
    ),
)
"""Kind, the literals a secret of this kind begins with (or has in its middle), and the pattern from there on.

The group `value` is the secret where it is not all of the match; `written` is one that may be a mere word.
"""

INSIDE = frozenset({":AA", "://", "-----BEGIN ", "hooks.slack.com/", ".atlasv1.", "<"})
"""Literals that may stand behind a letter; all others begin a token."""
