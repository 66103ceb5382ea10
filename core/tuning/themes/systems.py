"""Linux, networks, HTTP and containers: signals, permissions, status codes, addresses, errors."""

from core.tuning.question import QuizQuestion
from core.tuning.rules import exactly, one_of

QUESTIONS = (
    QuizQuestion(
        "http-too-many",
        "easy",
        "Which HTTP status code tells a client that it has sent too many requests in a given time? Number "
        "only.",
        "429",
        one_of("429", "429 Too Many Requests", noise="http status code error"),
    ),
    QuizQuestion(
        "http-not-modified",
        "normal",
        "A conditional GET with If-None-Match finds that the resource has not changed. With which HTTP "
        "status code does the server answer? Number only.",
        "304",
        one_of("304", "304 Not Modified", noise="http status code"),
    ),
    QuizQuestion(
        "net-https-port",
        "easy",
        "Which TCP port does HTTPS use by default? Number only.",
        "443",
        one_of("443", "443/tcp", noise="port tcp"),
    ),
    QuizQuestion(
        "net-broadcast",
        "hard",
        "What is the broadcast address of the network that 192.168.5.77/26 belongs to? Address only.",
        "192.168.5.127",
        exactly("192.168.5.127", "192.168.5.127/26"),
    ),
    QuizQuestion(
        "linux-sigkill",
        "easy",
        "Which Linux signal ends a process and can be neither caught nor ignored by it? Give its name.",
        "SIGKILL",
        one_of("SIGKILL", "KILL", "SIGKILL 9", "9 SIGKILL", noise="signal number"),
    ),
    QuizQuestion(
        "linux-mode",
        "normal",
        "A file has the permissions rwxr-x---. What are they in octal, three digits?",
        "750",
        one_of("750", "0750", "0o750", "chmod 750"),
    ),
    QuizQuestion(
        "linux-killed",
        "normal",
        "A command was ended by signal 9. Which exit status does bash show for it in $? afterwards? Number "
        "only.",
        "137",
        one_of("137", "128+9=137", "128 + 9 = 137", "137 (128 + 9)", "137 (128+9)", noise="exit status code"),
    ),
    QuizQuestion(
        "linux-umask",
        "hard",
        "On Linux the umask is 037. With which permissions does `touch new.txt` create the file? Octal, "
        "three digits.",
        "640",
        one_of("640", "0640", "0o640"),
    ),
    QuizQuestion(
        "linux-line-ends",
        "normal",
        "A script copied to Linux fails with: /bin/bash^M: bad interpreter. Which kind of line ends does "
        "the file have? Give the abbreviation or the name.",
        "CRLF",
        one_of(
            *(
                "CRLF",
                "CR LF",
                "CR/LF",
                "CR+LF",
                "\\r\\n",
                "CRLF \\r\\n",
                "CRLF Windows",
                "Windows CRLF",
                "Windows-style",
                "CRLF Windows-style",
                "Windows-style CRLF",
            ),
            *(
                "Windows",
                "DOS",
                "DOS/Windows",
                "Windows/DOS",
                "DOS CRLF",
                "DOS/Windows CRLF",
                "Windows/DOS CRLF",
            ),
            *("carriage return line feed", "carriage return + line feed", "carriage return and line feed"),
            *("CRLF carriage return line feed", "CRLF carriage return + line feed"),
            noise="line ends endings ending end newline newlines",
        ),
    ),
    QuizQuestion(
        "docker-arguments",
        "normal",
        "A Dockerfile has both ENTRYPOINT and CMD, each as a JSON array. Which of the two is replaced by "
        "arguments that follow the image name in docker run? Instruction only.",
        "CMD",
        one_of("CMD", noise="instruction"),
    ),
)
