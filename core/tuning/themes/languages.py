"""C, Go and Rust: their basics, and what a few lines print."""

from core.tuning.question import QuizQuestion
from core.tuning.rules import code, letters, numbers, one_of

QUESTIONS = (
    QuizQuestion(
        "go-goroutine",
        "easy",
        "Which Go keyword, put before a function call, runs the call concurrently? Keyword only.",
        "go",
        one_of("go", noise="keyword"),
    ),
    QuizQuestion(
        "rust-option",
        "easy",
        "Which type of Rust's standard library stands for a value that may be absent? Name only.",
        "Option",
        one_of("Option", "Option<T>", "std::option::Option", "std::option::Option<T>", noise="type enum"),
    ),
    QuizQuestion(
        "rust-moved",
        "normal",
        "This Rust code does not compile:\n"
        'let s = String::from("a");\nlet t = s;\nprintln!("{}", s);\n'
        "The compiler complains that s is borrowed after its value was ... what? One word.",
        "moved",
        one_of("moved", "move", "moved to t", "moved into t"),
    ),
    QuizQuestion(
        "go-defer",
        "normal",
        "What does this Go function print when it is called?\n"
        "func f() { for i := 0; i < 3; i++ { defer fmt.Print(i) } }",
        "210",
        letters("210"),
    ),
    QuizQuestion(
        "go-shared-slice",
        "hard",
        "What does this Go code print?\na := []int{1, 2, 3}\nb := a[:2]\nb = append(b, 9)\nfmt.Println(a)",
        "[1 2 9]",
        code("[1 2 9]", "[1, 2, 9]", "1 2 9", "1, 2, 9"),
    ),
    QuizQuestion(
        "c-shift",
        "hard",
        'What does this C statement print?\nprintf("%d", 1 + 2 << 3);',
        "24",
        numbers(24),
    ),
)
