# Sourced by ./run and ./test, from the top directory: what has to be built, and only if it is missing or stale.

say() { printf '\033[2m· %s\033[0m\n' "$*" >&2; }

die() { printf '%s\n' "$*" >&2; exit 1; }

need_dotnet() {
  command -v dotnet >/dev/null && dotnet --list-sdks | grep -q '^10\.' ||
    die "United needs the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0"
}

need_node() {
  command -v node >/dev/null && node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
    die "United's web client needs Node 20.19 or newer to be built: https://nodejs.org"
}

# stale STAMP PATH...: whether the stamp is missing, or anything in the paths is newer than it.
stale() {
  local stamp=$1; shift
  [ ! -e "$stamp" ] || [ -n "$(find "$@" \( -name node_modules -o -name dist -o -name test-results \) -prune -o -newer "$stamp" -print -quit 2>/dev/null)" ]
}

# npm marks what it installed; the lock file is newer when it has changed since.
install_web() {
  [ web/node_modules/.package-lock.json -nt web/package-lock.json ] && return
  say "installing the web client's packages"
  (cd web && npm ci --no-audit --no-fund --loglevel=error)
  touch web/node_modules/.package-lock.json
}

build_web() {
  stale web/dist/.built web proto docs-page/precompress.mjs || return 0
  install_web
  say "building the web client"
  (cd web && npm run --silent build)
  node docs-page/precompress.mjs web/dist
  touch web/dist/.built
}

build_docs_page() {
  stale docs-page/dist/.built docs-page || return 0
  say "fetching the page of the API reference"
  node docs-page/build.mjs
  touch docs-page/dist/.built
}

# The pages are embedded, so the server is stale when they are.
build_server() {
  stale artifacts/.server-built src proto web/dist/.built docs-page/dist/.built Directory.Build.props Directory.Packages.props global.json || return 0
  say "building the server"
  dotnet build src/United.Server -c Release -v quiet --nologo -consoleLoggerParameters:NoSummary
  touch artifacts/.server-built
}
