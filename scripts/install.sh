# Sourced by ./test: what the tests need and the machine lacks, from Debian's packages.

install_packages() {
  local missing=()
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
  command -v redis-server >/dev/null || missing+=(redis-server)
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || die "The tests need ${missing[*]}, and there is no apt-get to install them with."
  say "installing ${missing[*]}"
  local admin=(); [ "$(id -u)" -eq 0 ] || admin=(sudo)
  "${admin[@]}" apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive "${admin[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
