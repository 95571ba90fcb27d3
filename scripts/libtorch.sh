#!/usr/bin/env bash
# Finds or fetches the libtorch that the `torch` feature builds against, and prints its folder as the
# last line of standard output. Everything else goes to standard error. Safe to run again and at the same time.
#
#   export LIBTORCH="$(scripts/libtorch.sh)"
#   cargo build --features torch
#
# Looked at, in this order:
#   1. LIBTORCH=<folder>             a libtorch of your own (also a CUDA one): checked, never changed
#   2. --python <python>, or
#      LIBTORCH_USE_PYTORCH=1        the folder of the PyTorch that this Python (python3) imports
#   3. the cache                     ${LIVEFLOE_CACHE:-${XDG_CACHE_HOME:-~/.cache}/livefloe}/libtorch-2.13.0-cpu
#
# The cache is filled once, with `pip download`, from the wheel of PyTorch: only its CPU half is kept, since the
# whole wheel with its CUDA libraries takes 4.7 GB. Set PIP_NO_INDEX=1 PIP_FIND_LINKS=<folder> to work offline.
set -euo pipefail

# tch follows libtorch one minor version at a time: change these together with `tch` in Cargo.toml.
readonly version=2.13.0
readonly download_size="540 MB" disk_size="480 MB"

# The libraries are the same for every Python version; asking for one of them makes one checksum hold for all.
readonly python_tag=3.12
readonly wheels=(torch==2.13.0 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)
readonly checksums="\
796633c4cdf0fe2cdced72d8f88f22e73dbcfce83132763162f6d4bff13b820b  torch-2.13.0-cp312-cp312-manylinux_2_28_x86_64.whl
7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548  nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl
4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8  nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl"

say() { printf 'libtorch.sh: %s\n' "$*" >&2; }

# fail <what is wrong> <what to do about it>
fail() {
  say "error: $1"
  say "to fix it: $2"
  exit 1
}

# Prints the version of the libtorch in folder $1, from its headers; nothing when there is none.
version_in() {
  local header
  for header in "$1"/include/torch/headeronly/version.h "$1"/include/torch/csrc/api/include/torch/version.h; do
    if [[ -f $header ]] && grep -q 'define TORCH_VERSION_MAJOR' "$header"; then
      awk '$2 ~ /^TORCH_VERSION_(MAJOR|MINOR|PATCH)$/ { part[$2] = $3 }
           END { print part["TORCH_VERSION_MAJOR"] "." part["TORCH_VERSION_MINOR"] "." part["TORCH_VERSION_PATCH"] }' "$header"
      return
    fi
  done
}

# check <folder> <where it came from>: refuses a folder that tch could not build against.
check() {
  local folder=$1 origin=$2 found library
  for library in libtorch_cpu.so libtorch.so libtorch_cpu.dylib libtorch.dylib; do
    [[ -e $folder/lib/$library ]] && break
    library=""
  done
  [[ -n $library ]] || fail "$origin is $folder, which has no lib/libtorch_cpu.so" \
    "point LIBTORCH to the folder that holds lib/ and include/, or unset it to use the cached CPU set"
  found=$(version_in "$folder")
  [[ $found == "${version%.*}".* ]] || fail "$origin is $folder: expected libtorch ${version%.*}, got ${found:-no version header}" \
    "use libtorch ${version%.*}.x (python3 -m pip install torch==$version), or unset LIBTORCH to use the cached CPU set"
}

# Prints the folder of the torch that Python $1 imports.
from_python() {
  local python=$1 folder
  command -v "$python" >/dev/null || fail "no $python on the PATH" "install Python 3, or name one with --python"
  # Imported for good, not just looked up: an installation that lacks a library would fail much later, in the linker.
  folder=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))') ||
    fail "$python cannot import torch (its reason is above)" "$python -m pip install torch==$version"
  check "$folder" "the torch of $python"
  printf '%s\n' "$folder"
}

# Refuses, before anything is downloaded, a machine on which the rest could not work.
require_tools() {
  local python=$1
  if [[ $(uname -s) != Linux || $(uname -m) != x86_64 ]]; then
    fail "the trimmed CPU set exists for Linux on x86_64 only, this is $(uname -s) on $(uname -m)" \
      "python3 -m pip install torch==$version, then set LIBTORCH_USE_PYTORCH=1; or set LIBTORCH to a libtorch $version"
  fi
  command -v "$python" >/dev/null || fail "no $python on the PATH" "apt-get install python3 python3-pip, or name a Python with --python"
  "$python" -m pip --version >/dev/null 2>&1 || fail "$python has no pip" "apt-get install python3-pip, or $python -m ensurepip"
  command -v cc >/dev/null || fail "no C compiler (cc) on the PATH" "apt-get install gcc g++"
  command -v flock >/dev/null || fail "no flock on the PATH" "apt-get install util-linux"
}

# download <python> <folder>: all wheels, with their checksums verified.
download() {
  local python=$1 folder=$2
  say "fetching ${wheels[*]} (about $download_size, once)"
  "$python" -m pip download --no-deps --no-cache-dir --disable-pip-version-check --dest "$folder" \
    --only-binary=:all: --implementation cp --python-version "$python_tag" \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux2014_x86_64 \
    "${wheels[@]}" >&2 ||
    fail "pip could not download the wheels (its reason is above)" \
      "check the network and proxy with: $python -m pip download --no-deps torch==$version (pip 21.1 or newer)"
  say "verifying checksums"
  (cd "$folder" && sha256sum --check --strict --quiet <<<"$checksums") >&2 ||
    fail "a downloaded wheel is not the published one" "run again; if it repeats, look at the package index that pip uses (pip config list)"
}

# extract <python> <wheels> <site>: keeps the folders of a site-packages, which the libraries' RPATHs rely on.
extract() {
  "$1" - "$2" "$3" <<'PYTHON'
import pathlib
import re
import sys
import zipfile

wheels, site = map(pathlib.Path, sys.argv[1:])
kept = re.compile(r"torch/include/.+|torch/lib/(libtorch_cpu\.so|libc10\.so|libgomp.*\.so.*)|nvidia/cu13/lib/(libcupti|libcudart)\.so\.13|.+\.dist-info/licenses/.+")
for wheel in sorted(wheels.glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site, (name for name in archive.namelist() if kept.fullmatch(name)))
PYTHON
}

# The real libtorch.so also pulls in the CUDA half. Whoever links -ltorch only wants its dependencies, so a stub will do.
build_stub() {
  local lib=$1
  echo 'int livefloe_libtorch_stub = 0;' |
    cc -shared -fPIC -xc - -o "$lib/libtorch.so" -Wl,-soname,libtorch.so -Wl,--no-as-needed \
      -L"$lib" -ltorch_cpu -lc10 -Wl,-rpath,'$ORIGIN' -Wl,--allow-shlib-undefined ||
    fail "cc could not build the stub libtorch.so (its reason is above)" "apt-get install gcc g++"
}

# fetch <python> <target>: fills the cache; a run that is cut short leaves nothing that looks finished.
fetch() {
  local python=$1 target=$2 partial="$2.partial"
  require_tools "$python"
  mkdir -p "$(dirname "$target")"
  exec 9>"$target.lock"
  if ! flock --nonblock 9; then
    say "another run is filling $target, waiting for it"
    flock 9
  fi
  [[ -d $target ]] && return

  # The lock is ours, so whatever is here was left by a run that was killed.
  rm -rf "$partial"
  trap "rm -rf $(printf %q "$partial")" EXIT
  mkdir -p "$partial/wheels" "$partial/site"
  download "$python" "$partial/wheels"
  say "extracting the CPU half (about $disk_size)"
  extract "$python" "$partial/wheels" "$partial/site"
  build_stub "$partial/site/torch/lib"
  "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$partial/site/torch/lib/libtorch.so" ||
    fail "the libtorch that was put together does not load here (its reason is above)" "apt-get install libstdc++6; it needs glibc 2.28 or newer"
  mv "$partial/site" "$target"
  say "ready: $target"
}

main() {
  local python=python3 use_python=${LIBTORCH_USE_PYTORCH:-0}
  while (($#)); do
    case $1 in
      --python)
        (($# >= 2)) || fail "--python names no Python" "scripts/libtorch.sh --python python3.12"
        python=$2 use_python=1
        shift 2
        ;;
      -h | --help)
        sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
        exit 0
        ;;
      *) fail "unknown argument $1" "scripts/libtorch.sh --help" ;;
    esac
  done

  if [[ -n ${LIBTORCH:-} ]]; then
    check "$LIBTORCH" LIBTORCH
    printf '%s\n' "$LIBTORCH"
  elif [[ $use_python == 1 ]]; then
    from_python "$python"
  else
    local target="${LIVEFLOE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/livefloe}/libtorch-$version-cpu"
    [[ -d $target ]] || fetch "$python" "$target"
    printf '%s\n' "$target/torch"
  fi
}

main "$@"
