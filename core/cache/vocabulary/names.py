"""Languages, tools, systems, formats: two different names are two different questions.

A group's first word stands for all of them. Only spellings of the same thing are a group.
"""

from core.cache.vocabulary import lines, words

ALIASES = lines("""
kubernetes k8s kube
javascript js ecmascript
typescript ts
postgresql postgres psql pgsql postgre
python py
golang
cpp c++ cplusplus
csharp c#
fsharp f#
dotnet .net
nodejs node node.js
reactjs react react.js
vuejs vue vue.js
angular angularjs
nextjs next.js
expressjs express.js
rust rustlang
ruby rb
mongodb mongo
mysql
sqlite sqlite3
mssql sqlserver
macos osx mac
windows win
powershell pwsh
bash
zsh
linux
ubuntu
elasticsearch
terraform
ansible
vscode
intellij
github
gitlab
bitbucket
docker
javadoc
yaml yml
jpg jpeg
html
markdown
latex tex
pytorch torch
tensorflow
scikitlearn sklearn scikit-learn
numpy
pandas
matplotlib
objective-c objc
visualbasic vb
perl
php
java
kotlin
scala
swift
haskell
elixir
erlang
clojure
julia
matlab
lua
dart
flutter
groovy
cobol
fortran
sql
nosql
graphql
json
xml
csv
toml
css
sass scss
tailwind tailwindcss
bootstrap
jquery
svelte
django
flask
fastapi
rails
laravel
symfony
spring
hibernate
sqlalchemy
peewee
redis
memcached
cassandra
dynamodb
mariadb
oracle
kafka
rabbitmq
nginx
apache
caddy
haproxy
git
svn subversion
mercurial
npm
pnpm
yarn
pip
pipenv
poetry
conda
venv
uv
cargo
maven mvn
gradle
cmake
makefile
webpack
vite
rollup
babel
eslint
prettier
jest
vitest
mocha
cypress
playwright
selenium
pytest
unittest
junit
vim
neovim nvim
emacs
nano
tmux
screen
ssh
scp
sftp
rsync
curl
wget
httpx
requests
axios
aiohttp
grep
ripgrep rg
sed
awk gawk
xargs
tar
zip
gzip
bzip2
xz
systemd
systemctl
cron crontab
podman
kubectl
helm
minikube
compose docker-compose
vagrant
virtualbox
vmware
aws
azure
gcp
s3
ec2
lambda
heroku
vercel
debian
fedora
centos
redhat rhel
archlinux
alpine
android
ios
iphone
ipad
unix
posix
firefox
chrome
safari
edge
tcp
udp
http
https
ftp
imap
smtp
pop3
dns
dhcp
tls
ssl
oauth
jwt
ipv4
ipv6
utf-8 utf8
ascii
unicode
base64
hex hexadecimal
binary
png
gif
svg
pdf
mp3
mp4
opencv
plotly
seaborn
boto3
celery
gunicorn
uvicorn
asyncio
threading
multiprocessing
prisma
sequelize
mongoose
typeorm
knex
cuda
opengl
vulkan
webgl
llvm
gcc
clang
gdb
valgrind
homebrew brew
apt apt-get
yum
dnf
pacman
snap
flatpak
jenkins
circleci
travis
grafana
prometheus
datadog
splunk
wordpress
drupal
magento
shopify
unity
unreal
godot
arduino
esp32
excel
jupyter
colab
""")

_MENDED = words(
    """kubernetes javascript typescript postgresql python mongodb elasticsearch terraform ansible angular
    docker django laravel ubuntu debian windows bash powershell linux mysql sqlite github gitlab bitbucket
    tensorflow pytorch numpy pandas matplotlib markdown kotlin haskell elixir clojure flutter bootstrap
    jquery svelte rabbitmq kafka nginx apache webpack prettier selenium pytest homebrew jenkins wordpress
    android firefox chrome rsync systemctl kubectl graphql redis cassandra mariadb oracle memcached symfony
    hibernate sqlalchemy rails gradle maven poetry vagrant virtualbox"""
)
MENDED = tuple(sorted(_MENDED))
"""Names long and odd enough that a near spelling is a slip, not another word."""

EXTENSIONS = {
    "c": "c", "cpp": "cpp", "css": "css", "html": "html", "htm": "htm", "php": "php", "txt": "txt",
    "jpg": "jpg", "jpeg": "jpg", "png": "png", "gif": "gif", "pdf": "pdf", "log": "log",
    "mp3": "mp3", "mp4": "mp4", "xml": "xml", "json": "json", "yaml": "yaml", "csv": "csv", "tsv": "tsv",
    "python": "py", "py": "py", "perl": "pl", "pl": "pl", "java": "java", "javascript": "js", "js": "js",
    "ruby": "rb", "rb": "rb", "shell": "sh", "sh": "sh", "bash": "sh", "sql": "sql", "zip": "zip",
    "gz": "gz", "bz2": "bz2", "tar": "tar", "tmp": "tmp", "bak": "bak", "swp": "swp", "conf": "conf",
    "ogg": "ogg", "mkv": "mkv", "avi": "avi", "wav": "wav", "flac": "flac", "md": "md", "markdown": "md",
    "svg": "svg", "doc": "doc", "rpm": "rpm", "deb": "deb", "jar": "jar", "class": "class", "h": "h",
    "o": "o", "so": "so", "ts": "ts", "go": "go", "rs": "rs", "ini": "ini", "toml": "toml",
}  # fmt: skip
"""What "css files" are called when they are spelled as a pattern: *.css."""
