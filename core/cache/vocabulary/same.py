"""Words a developer could exchange without changing the answer.

STRICT groups are one word for the decision. HEADS are one only where they open an order ("list the files"),
since elsewhere they are things ("a python list"). WIDE groups only make two questions *related*.
A group's first word stands for all of them.
"""

from core.cache.vocabulary import lines

STRICT = lines("""
remove delete erase
directory folder dir
subdirectory subfolder subdir
create
begin
kill terminate
execute
utilize
verify
retrieve obtain
iterate loop
concatenate concat
invoke
quit exit
large big huge
largest biggest
larger bigger
fast quick rapid
fastest quickest
faster quicker
entire whole
username
regex regexp
parameter param
argument arg
repository repo
database db
environment env
variable var
configuration config cfg
authentication auth
integer int
string str
boolean bool
character char
function func fn
maximum max
minimum min
application app
information info
documentation docs
specification spec
development dev
production prod
administrator admin
number
kubernetes
identical
every each all
picture image photo
movie film
buck
usa us
uk
india
difference differ differing
fix resolve solve
sort
colour color
licence license
behaviour behavior
organise organize
initialise initialize
serialise serialize
deserialise deserialize
optimise optimize
synchronise synchronize sync
asynchronous async
synchronous
tarball
website
frequently often
execution
permission perm
statement stmt
command cmd
message msg
previous prev
temporary temp tmp
password passwd
address addr
library lib
package pkg
object obj
reference ref
attribute attr
expression expr
dictionary dict
array
pointer ptr
buffer buf
image img
element elem
""")

HEADS = lines("""
show display print list view see
find locate search
create make
run execute
start begin
use utilize
check verify
get obtain retrieve
call invoke
change modify alter
write
""")

WIDE = lines("""
show display print list view see output find locate search get obtain retrieve fetch access read look
create make build generate write add new produce
remove delete erase drop discard strip trim clear uninstall rid away repeated duplicate
undo revert reset uncommit rollback restore
change modify alter edit update upgrade replace set rename substitute
configure setup set install
run execute launch start begin invoke call open startup boot
stop kill terminate end quit exit close halt
concatenate join combine merge append together
convert transform cast turn parse translate
iterate loop each foreach
check verify test determine validate
use purpose meaning mean do explain describe
method function routine procedure
error exception failure fail
fix resolve solve repair handle
element item entry value
file script
directory path location place
count number many amount
size big large space usage
fast quick speed performance slow
log history
current currently active present
argument parameter option
duplicate copy clone
compare difference versus vs differ
command terminal shell
machine computer system server
schedule cron job daily
send post request
measure time long
shutdown poweroff
container image
recursively treewide
reduce decrease shrink lower small smaller
increase grow raise more
contain include substring
old older earlier previous
connect login
timestamp epoch
package module library dependency
save store persist keep
prevent avoid
hide ignore
trigger fire
watch monitor
inspect debug
hang freeze
permission access allow
default standard
task job
process program
handle parse
listen occupy bind
center centre middle
last latest recent newest
up live alive
executable executing
""")
"""Related, for a *maybe* only."""

PHRASES = {
    "current working directory": "current directory",
    "working directory": "current directory",
    "present working directory": "current directory",
    "present directory": "current directory",
    "this directory": "current directory",
    "this folder": "current directory",
    "cwd": "current directory",
    "pwd": "pwd",
    "get rid of": "remove",
    "a single": "one",
    "learn how to": "learn to",
    "learning how to": "learning to",
    "and below": "treewide",
    "under and below": "treewide under",
    "and beneath": "treewide",
    "look for": "find",
    "looks for": "find",
    "search for": "find",
    "searches for": "find",
    "find out all": "find all",
    "find out": "determine",
    "figure out": "determine",
    "change the name of": "rename",
    "change a name of": "rename",
    "make money": "earn money",
    "making money": "earning money",
    "does it feel like": "is feel",
    "is it like": "is feel",
    "does it feel": "is feel",
    "a few": "some",
    "some of the": "some",
    "some of": "some",
    "feel like to": "like to",
    "set up": "configure",
    "sets up": "configure",
    "setup": "configure",
    "turn on": "enable",
    "turns on": "enable",
    "switch on": "enable",
    "turn off": "disable",
    "turns off": "disable",
    "switch off": "disable",
    "log in": "login",
    "log out": "logout",
    "sign in": "login",
    "sign out": "logout",
    "shut down": "shutdown",
    "power off": "shutdown",
    "upper case": "uppercase",
    "lower case": "lowercase",
    "white space": "whitespace",
    "file name": "filename",
    "file names": "filenames",
    "user name": "username",
    "file system": "filesystem",
    "time stamp": "timestamp",
    "data base": "database",
    "data frame": "dataframe",
    "web site": "website",
    "sub directory": "subdirectory",
    "sub directories": "subdirectories",
    "sub folder": "subdirectory",
    "sub folders": "subdirectories",
    "regular expression": "regex",
    "regular expressions": "regex",
    "environment variable": "env variable",
    "command line": "commandline",
    "line by line": "linebyline",
    "react js": "react",
    "node js": "node",
    "vue js": "vue",
    "next js": "next.js",
    "c plus plus": "cpp",
    "c sharp": "csharp",
    "objective c": "objc",
    "sql server": "sqlserver",
    "visual studio code": "vscode",
    "vs code": "vscode",
    "mac os x": "macos",
    "mac os": "macos",
    "os x": "macos",
    "arch linux": "archlinux",
    "docker compose": "docker-compose",
    "red hat": "redhat",
    "visual basic": "visualbasic",
    "scikit learn": "sklearn",
    "go language": "golang",
    "in go": "in golang",
    "with go": "with golang",
    "go lang": "golang",
    "a lot of": "many",
    "lots of": "many",
    "as well as": "and",
    "in order to": "to",
    "such as": "like",
    "number of": "count of",
    "be able to": "",
    "more than one": "multiple",
    "and/or": "or",
    "standard output": "stdout",
    "standard error": "stderr",
    "standard input": "stdin",
    "pros and cons": "proscons",
    "advantages and disadvantages": "proscons",
    "united states of america": "usa",
    "united states": "usa",
    "us_": "usa",
    "u.s.": "usa",
    "per cent": "percent",
    "at least": "atleast",
    "at most": "atmost",
    "no more than": "atmost",
    "not more than": "atmost",
    "no less than": "atleast",
    "up to": "upto",
    "more than": "gt",
    "greater than": "gt",
    "larger than": "gt",
    "bigger than": "gt",
    "less than": "lt",
    "smaller than": "lt",
    "fewer than": "lt",
    "directory tree": "directory recursively",
    "directory hierarchy": "directory recursively",
    "in the terminal": "",
    "in terminal": "",
    "from the command line": "",
    "out of": "from",
    "on top of": "ontop",
    "all but": "all except",
    "but not": "not",
    "do not": "not",
    "does not": "not",
    "instead of": "insteadof",
    "rather than": "insteadof",
    "because of": "due",
    "due to": "due",
}
"""Several words that are one."""
