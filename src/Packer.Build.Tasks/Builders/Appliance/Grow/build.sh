#!/bin/sh
# Makes grow.bin of grow.c in the folder given (default: this one). Needs gcc and GNU binutils for x86-64; gcc 12.2 has made the one in the repository, by which
# building the SDK needs neither.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
gcc -Os -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -mno-sse \
    -nostdlib -static -Wl,--build-id=none,-z,norelro,-z,noseparate-code -s -o "$out/grow.bin" "$here/grow.c"
objcopy -R .comment -R .note.gnu.property "$out/grow.bin"
chmod 644 "$out/grow.bin"
